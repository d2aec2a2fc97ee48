import random
import string

from attune_registry.checks.randomness import is_by_chance

_ALPHABET = string.ascii_letters + string.digits


def test_what_chance_made_is_nearly_always_told() -> None:
    chance = random.Random(7)
    made = ["".join(chance.choice(_ALPHABET) for _ in range(size)) for size in (32, 40, 64) for _ in range(300)]
    assert sum(map(is_by_chance, made)) > 0.95 * len(made)


def test_nearly_nothing_that_chance_made_passes_for_a_name() -> None:
    chance = random.Random(11)
    made = ["".join(chance.choice(_ALPHABET) for _ in range(40)) for _ in range(5000)]
    assert sum(map(is_by_chance, made)) > 0.99 * len(made)


def test_a_key_is_told_beside_a_few_words() -> None:
    for text in (
        "MyServiceProductionToken_aB3dE5fG7hI9jK1lM3nO5pQ7rS9tU1vW3",
        "prod-Database-9fK2mQ8xV4tR7bN1cZ6wL3pJ5hD0gSaYuEoIz1Xq",
        "9fK2mQ8xV4tR7bN1cZ6wL3pJ5hD0gS-aYuEoIz1XqPk",
        "q7VtB2xLk9RfZp4WmN8sYc3HdJ6gTa1E-uQo5Ki0_wXz",
    ):
        assert is_by_chance(text), text


def test_what_ends_like_a_thing_of_cloudformations_has_to_begin_like_one() -> None:
    for text in ("k-aB3dE5fG7hI9jK1lM3nO5pQ7rS9tU1vW-A1B2C3D4E5F6", "x-q7Z2mK9xR4tB8vN1cL5dA1B2C3D4-aB3dE5fG7hI9"):
        assert is_by_chance(text), text


def test_names_digests_and_encoded_texts_are_none() -> None:
    for text in (
        "thisIsAVeryLongCamelCaseIdentifierWithoutMeaning2024",
        "Team/Project2024/ReleaseNotes/FinalVersionOfThem",
        "AWS_ECS_FARGATE_Task_Definition_v2_Prod01",
        "E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855",
        "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
        "SGVsbG8gV29ybGQsIHRoaXMgaXMgYSBsb25nZXIgdGV4dCAyMDI0",
        "aB3dE5fG7hI9jK1lM3nO5pQ7",
        "TopicForOrderEventsV2OfTheShopInProduction",
        "S3BucketForCloudTrailLogsInEuCentral1Region",
        "ThisIsAVeryLongCamelCaseIdentifierNameForSomething2",
        "K8sClusterInEuWest1ForTheOrderServiceV2Blue",
        "MyStack-ApplicationLoadBalancer7A9F2C1B-1XYZABC",
        "OrdersStack-DLQ581697C4-1Q2W3E4R5T6Y7",
        "prod-OrderApi-TaskDef5C2B9E1A-aB3dE5fG7hI9",
        "dGhpcyBpcyBqdXN0IGEgbG9uZyB0ZXh0IDEyMzQ1Njc4OTA",
        "dGhpcyBpcyBqdXN0IGEgbG9uZyB0ZXh0IDEyMzQ1Njc4OTA=",
    ):
        assert not is_by_chance(text), text
