import random
import string

from attune_registry.checks.randomness import is_by_chance

_ALPHABET = string.ascii_letters + string.digits


def test_what_chance_made_is_nearly_always_told() -> None:
    chance = random.Random(7)
    made = ["".join(chance.choice(_ALPHABET) for _ in range(size)) for size in (32, 40, 64) for _ in range(300)]
    assert sum(map(is_by_chance, made)) > 0.95 * len(made)


def test_names_digests_and_encoded_texts_are_none() -> None:
    for text in (
        "thisIsAVeryLongCamelCaseIdentifierWithoutMeaning2024",
        "Team/Project2024/ReleaseNotes/FinalVersionOfThem",
        "AWS_ECS_FARGATE_Task_Definition_v2_Prod01",
        "E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855",
        "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
        "SGVsbG8gV29ybGQsIHRoaXMgaXMgYSBsb25nZXIgdGV4dCAyMDI0",
        "aB3dE5fG7hI9jK1lM3nO5pQ7",
    ):
        assert not is_by_chance(text), text
