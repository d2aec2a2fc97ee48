import json
import time

import jwt
import pytest
import signing
from structlog.testing import capture_logs

from attune_registry import errors
from attune_registry.access.jwt import JwtSettings, JwtVerifier


@pytest.fixture
def jwks(tmp_path):
    path = tmp_path / "jwks.json"
    path.write_bytes(signing.key_set(signing.jwk(signing.RSA, "r1"), signing.jwk(signing.EC, "e1")))
    time.sleep(0.03)
    return path


@pytest.fixture
def verifier(jwks):
    return JwtVerifier(JwtSettings(signing.SECRET, jwks))


def refused(verifier, token, code="INVALID_TOKEN"):
    with pytest.raises(errors.Unauthenticated) as caught:
        verifier.login(token)
    assert caught.value.code == code
    assert caught.value.__cause__ is None
    assert caught.value.details == []
    return caught.value.message


def test_an_access_token_of_the_platform_works_as_it_is(verifier):
    assert verifier.login(signing.platform_token()) == "jane"


def test_tokens_signed_by_the_keys_of_the_file_work(verifier):
    assert verifier.login(signing.rsa_token()) == "jane"
    assert verifier.login(signing.ec_token()) == "jane"


@pytest.mark.parametrize("kind", ["refresh", "sensor", "execution", "ACCESS", "", 1, ["access"], None])
def test_only_access_tokens_are_accepted(verifier, kind):
    assert "not an access token" in refused(verifier, signing.platform_token(token_type=kind))
    assert "not an access token" in refused(verifier, signing.rsa_token(token_type=kind))


def test_an_identity_providers_access_token_is_known_by_its_header_or_the_audience(verifier, jwks):
    profiled = signing.rsa_token(token_type=None, headers={"typ": "at+jwt"})
    assert verifier.login(profiled) == "jane"
    with_audience = JwtVerifier(JwtSettings(signing.SECRET, jwks, audience="registry"))
    assert with_audience.login(signing.rsa_token(token_type=None, aud="registry")) == "jane"
    refused(with_audience, signing.rsa_token(token_type="refresh", aud="registry"))
    refused(with_audience, signing.platform_token(token_type=None, aud="registry"))


def test_a_public_key_is_no_secret(verifier):
    pem = signing.public_pem(signing.RSA)
    for key in (pem, pem.strip(), json.dumps(signing.jwk(signing.RSA, "r1")).encode(), b""):
        for header in ({"alg": "HS256", "kid": "r1"}, {"alg": "HS256"}, {"alg": "RS256", "kid": "r1"}):
            refused(verifier, signing.forged({"typ": "JWT", **header}, signing.claims(), key))


def test_without_a_secret_no_symmetric_token_is_believed(jwks):
    verifier = JwtVerifier(JwtSettings("", jwks))
    assert verifier.login(signing.rsa_token()) == "jane"
    for key in (b"", signing.public_pem(signing.RSA), signing.SECRET.encode()):
        refused(verifier, signing.forged({"alg": "HS256"}, signing.claims(), key))


def test_without_any_setting_no_jwt_is_believed():
    verifier = JwtVerifier(JwtSettings())
    refused(verifier, signing.platform_token())
    refused(verifier, signing.rsa_token())
    assert verifier.fault == ""


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "nOnE", "", None, [], {}, 0, ["HS256"]])
def test_an_unsigned_token_is_refused(verifier, algorithm):
    unsigned = f"{signing.segment({'alg': algorithm, 'typ': 'JWT'})}.{signing.segment(signing.claims())}."
    refused(verifier, unsigned)
    refused(verifier, signing.forged({"alg": algorithm}, signing.claims(), signing.SECRET.encode()))


@pytest.mark.parametrize("algorithm", ["HS384", "HS512", "RS512", "PS256", "ES384", "EdDSA", "hs256"])
def test_other_algorithms_are_refused(verifier, algorithm):
    refused(verifier, signing.forged({"alg": algorithm, "kid": "r1"}, signing.claims(), signing.SECRET.encode()))
    if algorithm in ("RS512", "PS256"):
        refused(verifier, jwt.encode(signing.claims(), signing.RSA, algorithm, headers={"kid": "r1"}))


def test_a_token_of_another_key_is_refused(verifier):
    refused(verifier, signing.rsa_token(signing.OTHER_RSA))
    refused(verifier, jwt.encode(signing.claims(), "another secret which is as long as this", "HS256"))


def test_an_unknown_or_missing_key_name_is_refused_unless_there_is_one_key(verifier, jwks):
    refused(verifier, signing.rsa_token(kid="r2"))
    refused(verifier, signing.rsa_token(kid="e1"))
    refused(verifier, signing.ec_token(kid="r1"))
    assert verifier.login(signing.rsa_token(kid=None)) == "jane"
    jwks.write_bytes(signing.key_set(signing.jwk(signing.RSA, "r1"), signing.jwk(signing.OTHER_RSA, "r2")))
    refused(verifier, signing.rsa_token(kid=None))


def test_a_key_that_the_token_brings_itself_is_not_used(verifier):
    own = signing.jwk(signing.OTHER_RSA, "r1")
    for header in ({"jwk": own}, {"jku": "https://example.com/jwks"}, {"x5u": "file:///etc/passwd"}):
        refused(verifier, signing.rsa_token(signing.OTHER_RSA, headers=header))


def test_an_expired_token_says_so(verifier):
    assert "expired" in refused(verifier, signing.platform_token(exp=int(time.time()) - 1), "EXPIRED_TOKEN")
    assert "expired" in refused(verifier, signing.rsa_token(exp=1), "EXPIRED_TOKEN")


def test_whether_a_forged_token_has_expired_is_not_told(verifier):
    refused(verifier, signing.rsa_token(signing.OTHER_RSA, exp=1))


def test_a_token_that_is_not_valid_yet_is_refused(verifier):
    ahead = int(time.time()) + 3600
    assert "not valid yet" in refused(verifier, signing.platform_token(nbf=ahead))
    assert "not valid yet" in refused(verifier, signing.platform_token(iat=ahead))


def test_a_clock_a_few_seconds_ahead_is_forgiven(verifier):
    assert verifier.login(signing.platform_token(iat=int(time.time()) + 5)) == "jane"


@pytest.mark.parametrize("expiry", [None, "soon", [], {}, float("nan"), float("inf"), True, False, -1])
def test_a_token_without_a_real_expiry_is_refused(verifier, expiry):
    token = signing.forged({"alg": "HS256"}, signing.claims(exp=expiry), signing.SECRET.encode())
    with pytest.raises(errors.Unauthenticated):
        verifier.login(token)


def test_a_token_for_another_audience_is_refused(jwks):
    verifier = JwtVerifier(JwtSettings(signing.SECRET, jwks, audience="registry"))
    assert verifier.login(signing.rsa_token(aud="registry")) == "jane"
    assert verifier.login(signing.rsa_token(aud=["else", "registry"])) == "jane"
    for audience in ("else", ["else"], None, "registry2", ["registry", 1], {"registry": 1}):
        refused(verifier, signing.rsa_token(aud=audience))


def test_a_token_with_an_audience_is_refused_where_none_is_configured(verifier):
    refused(verifier, signing.platform_token(aud="somebody else"))


def test_a_token_of_another_issuer_is_refused(jwks):
    verifier = JwtVerifier(JwtSettings(signing.SECRET, jwks, issuer="https://id.example.com"))
    assert verifier.login(signing.rsa_token(iss="https://id.example.com")) == "jane"
    for issuer in ("https://evil.example.com", None, "", ["https://id.example.com"]):
        forged = signing.forged({"alg": "HS256"}, signing.claims(iss=issuer), signing.SECRET.encode())
        refused(verifier, forged)


@pytest.mark.parametrize("login", [None, "", 42, ["jane"], "a\nb", "<jane>", "x" * 101, "jane\u202e"])
def test_a_login_that_cannot_be_an_author_is_refused(verifier, login):
    refused(verifier, signing.platform_token(login=login))


def test_another_claim_can_hold_the_login(jwks):
    verifier = JwtVerifier(JwtSettings(signing.SECRET, jwks, login_claim="preferred_username"))
    assert verifier.login(signing.rsa_token(preferred_username="john")) == "john"
    refused(verifier, signing.rsa_token())


def test_an_oversized_token_is_refused_before_anything_is_read(verifier):
    assert verifier.login(signing.platform_token(note="x" * 1000)) == "jane"
    refused(verifier, signing.platform_token(note="x" * 8000))
    refused(verifier, "." * 5_000_000)


@pytest.mark.parametrize(
    "token",
    [
        "", ".", "..", "...", "a.b.c", "x", "é.é.é", "\udcff", " . . ", "a" * 8000, "." * 8000,
        signing.segment(b"[" * 3000) + ".e30.", signing.segment(b"\xff") + ".e30.", signing.segment([]) + ".e30.",
        signing.segment({"alg": "HS256", "kid": 1}) + ".e30.",
        signing.segment({"alg": "HS256", "crit": ["x"]}) + ".e30.",
        signing.segment({"alg": "HS256", "b64": False, "crit": ["b64"]}) + "..",
    ],
)  # fmt: skip
def test_anything_else_is_refused_with_the_same_words(verifier, token):
    assert refused(verifier, token) == "The token is not valid for this registry."


@pytest.mark.parametrize("payload", [b"", b"[]", b"1", b"\xff", b"[" * 3000, b'{"exp": 1e999}'])
def test_a_signed_payload_that_is_no_claims_is_refused(verifier, payload):
    refused(verifier, signing.forged({"alg": "HS256"}, payload, signing.SECRET.encode()))


def test_a_remembered_token_still_expires(verifier, monkeypatch):
    token = signing.platform_token()
    assert verifier.login(token) == "jane"
    now = time.time()
    monkeypatch.setattr("attune_registry.access.jwt.time.time", lambda: now + 61)
    refused(verifier, token, "EXPIRED_TOKEN")


def test_a_remembered_token_is_not_decoded_again(verifier, monkeypatch):
    token = signing.rsa_token()
    verifier.login(token)
    monkeypatch.setattr("attune_registry.access.jwt.jwt.decode", None)
    assert verifier.login(token) == "jane"


def test_a_key_taken_out_of_the_file_counts_no_more_at_once(verifier, jwks):
    token = signing.rsa_token()
    assert verifier.login(token) == "jane"
    jwks.write_bytes(signing.key_set(signing.jwk(signing.OTHER_RSA, "r2")))
    refused(verifier, token)
    assert verifier.login(signing.rsa_token(signing.OTHER_RSA, "r2")) == "jane"
    jwks.unlink()
    with capture_logs() as logs:
        refused(verifier, signing.rsa_token(signing.OTHER_RSA, "r2"))
    assert "missing" in logs[0]["fault"]
    assert verifier.login(signing.platform_token()) == "jane"


def test_what_is_remembered_is_bounded(verifier, monkeypatch):
    monkeypatch.setattr("attune_registry.access.jwt._MAX_CACHED", 3)
    for number in range(10):
        assert verifier.login(signing.platform_token(sub=str(number))) == "jane"
    assert len(verifier._proven) == 3


@pytest.mark.parametrize(
    "raw",
    [
        b"", b"{", b"[]", b"[" * 100_000, b'{"keys": {}}', b'{"keys": []}', b'{"keys": [1, {}, {"kty": "RSA"}]}',
        signing.key_set({"kty": "oct", "k": signing.segment(b"x" * 32)}),
        signing.key_set(signing.jwk(signing.RSA, "r1", use="enc")),
        signing.key_set(signing.jwk(signing.RSA, "r1", key_ops=["encrypt"])),
        signing.key_set(signing.jwk(signing.RSA, "r1", alg="RS512")),
        signing.key_set(signing.jwk(signing.EC_384, "r1")),
        signing.key_set(signing.jwk(signing.RSA, "r1"), signing.jwk(signing.OTHER_RSA, "r1")),
        signing.key_set({**signing.jwk(signing.RSA, "r1"), "n": "AQAB"}),
        signing.key_set({**signing.jwk(signing.RSA, "r1"), "n": signing.segment(b"\xc1" * 128)}),
    ],
)  # fmt: skip
def test_a_key_file_without_a_fit_key_lets_nobody_in_and_says_so(jwks, raw):
    jwks.write_bytes(raw)
    verifier = JwtVerifier(JwtSettings(signing.SECRET, jwks))
    with capture_logs() as logs:
        refused(verifier, signing.rsa_token())
    assert [entry["log_level"] for entry in logs if entry["log_level"] != "debug"] == ["error"]
    assert verifier.fault


def test_a_private_key_in_the_file_serves_as_its_public_half(jwks):
    entry = jwt.get_algorithm_by_name("RS256").to_jwk(signing.RSA, as_dict=True)
    entry.pop("key_ops", None)
    jwks.write_bytes(signing.key_set({**entry, "kid": "r1"}))
    assert JwtVerifier(JwtSettings("", jwks)).login(signing.rsa_token()) == "jane"


def test_a_short_secret_works_and_is_warned_of_once():
    with capture_logs() as logs:
        verifier = JwtVerifier(JwtSettings("short"))
        for _ in range(2):
            assert verifier.login(signing.forged({"alg": "HS256"}, signing.claims(), b"short")) == "jane"
    assert [entry["log_level"] for entry in logs] == ["warning"]
    assert "short" not in repr(logs).replace("is short enough", "")


def test_a_public_key_as_the_secret_is_a_mistake():
    with pytest.raises(errors.Invalid, match="ATTUNE_REGISTRY_JWKS"):
        JwtVerifier(JwtSettings(signing.public_pem(signing.RSA).decode()))


def test_the_settings_come_from_the_environment_and_keep_the_secret_out_of_sight(tmp_path):
    settings = JwtSettings.from_environment(
        {
            "ATTUNE_REGISTRY_JWT_SECRET": signing.SECRET,
            "ATTUNE_REGISTRY_JWKS": "keys.json",
            "ATTUNE_REGISTRY_JWT_AUDIENCE": "registry",
            "ATTUNE_REGISTRY_JWT_ISSUER": "",
        }
    )
    assert settings.secret == signing.SECRET
    assert (str(settings.jwks), settings.audience, settings.issuer) == ("keys.json", "registry", None)
    assert signing.SECRET not in repr(settings)
    assert JwtSettings.from_environment({}) == JwtSettings()


def test_no_token_and_no_secret_is_ever_logged(jwks):
    with capture_logs() as logs:
        verifier = JwtVerifier(JwtSettings(signing.SECRET, jwks))
        tokens = [
            signing.platform_token(),
            signing.platform_token(exp=1),
            signing.rsa_token(signing.OTHER_RSA),
            "a.b.c-secret",
        ]
        for token in tokens:
            if token != tokens[0]:
                with pytest.raises(errors.Unauthenticated) as caught:
                    verifier.login(token)
                assert token.rsplit(".", 1)[1] not in caught.value.message
    said = repr(logs)
    assert logs
    for secret in [signing.SECRET, *tokens, *(token.rsplit(".", 1)[1] for token in tokens)]:
        assert secret not in said
