import pytest
import signing
from structlog.testing import capture_logs

from attune_registry import errors
from attune_registry.access.bearer import Gate
from attune_registry.access.jwt import JwtSettings, JwtVerifier
from attune_registry.access.principals import Principal
from attune_registry.access.roster import NOBODY, Roster
from attune_registry.access.tokens import token_store
from in_process import Api
from privileges import no_power_over_files

JANE = Principal("jane", "jane@example.com", "editor", ("slack",))
ROSTER = Roster({"jane": JANE, "john": None})


@pytest.fixture
def store(tmp_path):
    return token_store(tmp_path)


@pytest.fixture
def gate(store):
    return Gate(store, JwtVerifier(JwtSettings(signing.SECRET)))


def refused(gate, header):
    with pytest.raises(errors.Unauthenticated) as caught:
        gate.principal(header, ROSTER)
    return caught.value


@pytest.mark.parametrize("form", ["Bearer {}", "bearer {}", "BEARER {}", "Bearer   {}", " Bearer {} ", "Bearer\t{}"])
def test_a_token_is_found_in_every_lawful_form_of_the_header(gate, store, form):
    assert gate.principal(form.format(store.create("ci", "editor")), NOBODY).name == "ci"
    assert gate.principal(form.format(signing.platform_token()), ROSTER) == JANE


def test_nobody_is_told_that_a_token_is_unknown_while_none_can_be_looked_up(gate, store, tmp_path):
    header = f"Bearer {store.create('ci', 'editor')}"
    with no_power_over_files():
        (tmp_path / "tokens.json").chmod(0)
        with pytest.raises(errors.Unavailable, match=r"tokens\.json.* cannot be read: Permission denied") as caught:
            gate.principal(header, ROSTER)
        assert caught.value.code == "TOKENS_UNUSABLE"
        # Other tokens need no file.
        assert gate.principal(f"Bearer {signing.platform_token()}", ROSTER) == JANE
        assert refused(gate, None).code == "MISSING_TOKEN"
        (tmp_path / "tokens.json").chmod(0o600)
    assert gate.principal(header, ROSTER).name == "ci"


@pytest.mark.parametrize("header", [None, "", "   ", "Bearer", "Bearer ", "bearer\t"])
def test_no_token_is_a_missing_token(gate, header):
    error = refused(gate, header)
    assert error.code == "MISSING_TOKEN"
    assert "Authorization: Bearer" in error.message


@pytest.mark.parametrize(
    "header",
    [
        "Basic amFuZTpzZWNyZXQ=", "Token s3cret", "s3cret", "Bearer s3cret s3cret", "Bearer s3cret, Bearer s3cret",
        "Bearers3cret", "Bearer: s3cret", "Bearer s3crét", "Bearer s3cret\x00", "Bearer =s3cret",
        "Bearer s3cret\n", "Bearer s3cret\r\nX: y", "Bearer art_s3cret", "Bearer art_" + "s" * 43,
        "Bearer " + "s3cret" * 100_000,
        " " * 1_000_000 + "x", "Bearer" + " " * 8000 + "s3cret!", "Bearer s3cret", "\udcff", "Bearer ſ3cret",
    ],
)  # fmt: skip
def test_anything_else_is_an_invalid_token_and_not_quoted(gate, header):
    error = refused(gate, header)
    assert error.code == "INVALID_TOKEN"
    assert "s3cr" not in error.message
    assert len(error.message) < 100


def test_a_revoked_token_and_an_expired_one_say_which_they_are(gate, store):
    token = store.create("ci", "editor")
    store.revoke("ci")
    assert "revoked" in refused(gate, f"Bearer {token}").message
    assert refused(gate, f"Bearer {signing.platform_token(exp=1)}").code == "EXPIRED_TOKEN"


def test_a_valid_login_that_is_not_listed_is_told_where_to_be_added(gate):
    header = f"Bearer {signing.platform_token(login='mary')}"
    with pytest.raises(errors.Forbidden, match=r"'mary' is not in registry/access.yaml; .* add it there"):
        gate.principal(header, ROSTER)
    mary = gate.principal(header, Roster(default="reader"))
    assert (mary.name, mary.role) == ("mary", "reader")


def test_a_login_without_a_role_is_kept_out_whatever_the_default(gate):
    with pytest.raises(errors.Forbidden, match="no role"):
        gate.principal(f"Bearer {signing.platform_token(login='john')}", Roster({"john": None}, "reader"))


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (lambda path: None, "is missing"),
        (lambda path: path.write_text("{"), "not JSON"),
        (lambda path: path.write_text("{}"), "no list 'keys'"),
        (lambda path: path.mkdir(), "cannot be read"),
    ],
)
def test_it_is_not_ready_without_the_keys_that_it_is_to_believe(repo, tmp_path, monkeypatch, spoil, why):
    """It is said in the log at the start, too; the tokens of the registry's own are as good as ever."""
    keys = tmp_path / "keys.json"
    spoil(keys)
    monkeypatch.setenv("ATTUNE_REGISTRY_JWKS", str(keys))
    with capture_logs() as logs:
        api = Api(repo.root)
    assert [why in log["fault"] for log in logs if log.get("path") == str(keys)] == [True]
    answer = api.get("/readyz")
    assert (answer.status_code, answer.json()["status"]) == (503, "not ready")
    assert why in answer.json()["tokens"]
    assert "JWKS" in answer.json()["tokens"]
    assert api.get("/api/v1/workflows/demo.first").status_code == 200
    if keys.is_dir():
        keys.rmdir()
    keys.write_bytes(signing.key_set(signing.jwk(signing.EC, "e1")))
    assert (api.get("/readyz").status_code, api.get("/readyz").json()["tokens"]) == (200, "known")
    api.close()
