"""JWTs of the Attune platform or an identity provider: whose login a token proves, and until when."""

import hashlib
import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import jwt
import structlog

from .. import errors
from .fresh import FreshFile
from .jwks import NO_KEYS, Keys, key_for, parse_keys
from .principals import fault_in_name

MAX_TOKEN = 8192
_MAX_CACHED = 4096
# RFC 7518, 3.2: a key for HS256 has at least as many bits as its hash.
_SAFE_SECRET = 32
# A clock somewhere else may be this much ahead of ours (seconds) before a token "from the future" is refused.
_CLOCK_SKEW = 60

_INVALID = "The token is not valid for this registry."

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class JwtSettings:
    """Which JWTs to believe; none at all without a secret and without a JWKS file.

    Raises Invalid when the secret is a public key, which is none.
    """

    secret: str = field(default="", repr=False)
    jwks: Path | None = None
    audience: str | None = None
    issuer: str | None = None
    login_claim: str = "login"

    def __post_init__(self) -> None:
        if self.secret:
            _refuse_public_key(_bytes_of(self.secret))

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> "JwtSettings":
        """The settings that these environment variables give; an empty variable is one that is not set."""
        jwks = environ.get("ATTUNE_REGISTRY_JWKS")
        return cls(
            secret=environ.get("ATTUNE_REGISTRY_JWT_SECRET", ""),
            jwks=Path(jwks) if jwks else None,
            audience=environ.get("ATTUNE_REGISTRY_JWT_AUDIENCE") or None,
            issuer=environ.get("ATTUNE_REGISTRY_JWT_ISSUER") or None,
            login_claim=environ.get("ATTUNE_REGISTRY_JWT_LOGIN_CLAIM") or "login",
        )


class _Proven(NamedTuple):
    login: str
    expires: int
    keys: Keys


class JwtVerifier:
    """Verifies JWTs. What was verified once is remembered until it expires or the keys change.

    HS256 is only ever checked against the secret, RS256 and ES256 only against the JWKS file, so that a public
    key never serves as a secret. A token that names an audience is refused unless that audience is configured
    (RFC 7519, 4.1.3), and a configured audience or issuer must be in every token.
    """

    def __init__(self, settings: JwtSettings) -> None:
        self._settings = settings
        self._secret = _hmac_key(settings.secret)
        self._jwks: FreshFile[Keys] | None = None
        if settings.jwks is not None:
            self._jwks = FreshFile(settings.jwks, parse_keys, nothing=NO_KEYS, required=True)
        self._proven: OrderedDict[bytes, _Proven] = OrderedDict()

    @property
    def fault(self) -> str:
        """Why nobody with a key in the JWKS file is let in; "" when all is well."""
        self.keys()
        return self._jwks.fault if self._jwks is not None else ""

    def login(self, token: str) -> str:
        """Whose token this is. Raises Unauthenticated, with a sentence that tells an attacker nothing."""
        if len(token) > MAX_TOKEN or not token.isascii():
            raise _invalid("too long or not ASCII")
        keys = self.keys()
        digest = hashlib.sha256(token.encode("ascii")).digest()
        proven = self._proven.get(digest)
        if proven is None or proven.keys is not keys:
            proven = self._verify(token, keys)
            self._remember(digest, proven)
        if proven.expires <= time.time():
            self._proven.pop(digest, None)
            raise _expired()
        return proven.login

    def keys(self) -> Keys:
        """What the JWKS file holds at this moment."""
        return self._jwks.value() if self._jwks is not None else NO_KEYS

    def _remember(self, digest: bytes, proven: _Proven) -> None:
        while len(self._proven) >= _MAX_CACHED:
            self._proven.popitem(last=False)
        self._proven[digest] = proven

    def _verify(self, token: str, keys: Keys) -> _Proven:
        header, claims = self._decode(token, keys)
        self._check_kind(header, claims)
        issued = claims.get("iat", 0)
        if isinstance(issued, int | float) and issued > time.time() + _CLOCK_SKEW:
            raise _immature()
        login = claims.get(self._settings.login_claim)
        # A login becomes the author of commits: it must not bring its own lines to them.
        if not isinstance(login, str) or fault_in_name(login):
            raise _invalid("no usable login")
        return _Proven(login, int(claims["exp"]), keys)

    def _decode(self, token: str, keys: Keys) -> tuple[dict[str, Any], dict[str, Any]]:
        try:
            header = jwt.get_unverified_header(token)
            algorithm, key = self._key_for(header, keys)
            claims = jwt.decode(
                token,
                key,
                algorithms=[algorithm],
                audience=self._settings.audience,
                issuer=self._settings.issuer,
                # Two clocks that differ by a second would refuse every fresh token; `_verify` looks at iat.
                options={"require": ["exp"], "verify_iat": False},
            )
        except jwt.ExpiredSignatureError:
            raise _expired() from None
        except jwt.ImmatureSignatureError:
            raise _immature() from None
        except (jwt.PyJWTError, ValueError, TypeError) as error:
            # The name of the error says enough; its text, or the error itself in a traceback, may hold the token.
            raise _invalid(type(error).__name__) from None
        return header, claims

    def _key_for(self, header: dict[str, Any], keys: Keys) -> tuple[str, bytes | jwt.PyJWK]:
        algorithm = header.get("alg")
        if algorithm == "HS256" and self._secret:
            return algorithm, self._secret
        found = key_for(keys, algorithm, header.get("kid")) if isinstance(algorithm, str) else None
        if found is None:
            raise jwt.InvalidKeyError
        return found.algorithm, found.key

    def _check_kind(self, header: dict[str, Any], claims: dict[str, Any]) -> None:
        """Refuse a token that is for something else: to refresh, for a sensor, for an execution, an identity.

        The Attune platform says `token_type: access`. An identity provider may say nothing there: its access
        tokens are known by their header (RFC 9068, `at+jwt`) or by the configured audience.
        """
        kind = claims.get("token_type")
        if kind == "access":
            return
        is_profiled = str(header.get("typ", "")).lower() in ("at+jwt", "application/at+jwt")
        if kind is None and header["alg"] != "HS256" and (is_profiled or self._settings.audience):
            return
        raise errors.Unauthenticated(
            "This is not an access token; log in and send the access token.", code="INVALID_TOKEN"
        )


def _bytes_of(secret: str) -> bytes:
    return secret.encode("utf-8", "surrogateescape")


def _refuse_public_key(key: bytes) -> None:
    try:
        jwt.get_algorithm_by_name("HS256").prepare_key(key)
    except jwt.InvalidKeyError:
        raise errors.Invalid(
            "ATTUNE_REGISTRY_JWT_SECRET holds a public key or certificate; put public keys into a JWKS file"
            " and name it in ATTUNE_REGISTRY_JWKS."
        ) from None


def _hmac_key(secret: str) -> bytes:
    """The secret as a key for HS256."""
    key = _bytes_of(secret)
    if not key:
        return b""
    if len(key) < _SAFE_SECRET:
        _log.warning("ATTUNE_REGISTRY_JWT_SECRET is short enough to be guessed", bytes=len(key), safe=_SAFE_SECRET)
    # HMAC fills a short key up with zero bytes itself (RFC 2104, 2), so this is the same key; as long as PyJWT
    # wants it, it is not warned of again at every token.
    return key.ljust(_SAFE_SECRET, b"\0")


def _invalid(reason: str) -> errors.Unauthenticated:
    _log.debug("JWT refused", reason=reason)
    return errors.Unauthenticated(_INVALID, code="INVALID_TOKEN")


def _expired() -> errors.Unauthenticated:
    return errors.Unauthenticated("The token has expired; get a new one.", code="EXPIRED_TOKEN")


def _immature() -> errors.Unauthenticated:
    return errors.Unauthenticated("The token is not valid yet; wait, or check the clocks.", code="INVALID_TOKEN")
