"""An Authorization header as a principal: the gate that every request under /api/ passes."""

import re
from collections.abc import Callable

from .. import errors
from .jwt import MAX_TOKEN, JwtVerifier
from .principals import Principal
from .roster import Roster
from .tokens import PREFIX, TOKENS_FILE, Tokens, TokenStore

# RFC 6750, 2.1: the scheme in any case, then b64token. To ignore the case of all of it would take twice as long.
_BEARER = re.compile(r"[ \t]*(?i:bearer)[ \t]+([A-Za-z0-9._~+/-]+=*)[ \t]*\Z")
_MAX_HEADER = MAX_TOKEN + 64

_MISSING = "A token is missing; send the header 'Authorization: Bearer <token>'."
_MALFORMED = "The header Authorization is not 'Bearer', a space and one token."
_JWKS_UNUSABLE = "No JWT of a key in the JWKS file (ATTUNE_REGISTRY_JWKS) is accepted."
_UNKNOWN = "The token is not known to this registry; it may have been revoked."


class Gate:
    """Lets in who brings a token of this registry, or a JWT whose login the roster knows."""

    def __init__(self, token_store: TokenStore, jwt_verifier: JwtVerifier) -> None:
        self._tokens = token_store
        self._jwts = jwt_verifier

    def tokens(self) -> Tokens:
        """The tokens of this registry as they are at this moment."""
        return self._tokens.tokens()

    def principal(
        self, authorization: str | None, roster: Roster, tokens: Callable[[], Tokens] | None = None
    ) -> Principal:
        """Who sends this header. It is asked at every request: both kinds of token are looked up anew.

        `tokens` gives this registry's as somebody has seen them since the request came; else they are looked at now.

        Raises Unauthenticated (MISSING_TOKEN, INVALID_TOKEN, EXPIRED_TOKEN) for nobody, Forbidden for a valid JWT
        whose login may do nothing here, and Unavailable (TOKENS_UNUSABLE) while tokens cannot be looked up.
        """
        token = _token_in(authorization)
        if token.startswith(PREFIX):
            found = self._tokens.find(token, tokens)
            if found is None:
                self._refuse_to_guess()
                raise errors.Unauthenticated(_UNKNOWN, code="INVALID_TOKEN")
            return found
        return roster.principal(self._jwts.login(token))

    def look(self) -> None:
        """Have what is wrong with either file in the log before anybody is refused for it."""
        self._tokens.tokens()
        self._jwts.keys()

    @property
    def fault(self) -> str:
        """Why tokens that may be good are let in by nobody, in sentences; "" when all is well."""
        jwks = self._jwts.fault
        return " ".join(filter(None, (self._tokens.fault, f"{_JWKS_UNUSABLE} {jwks}" if jwks else "")))

    def _refuse_to_guess(self) -> None:
        """While the file of tokens says nothing, nobody's token is to be told that it is not known."""
        fault = self._tokens.fault
        if fault:
            raise errors.Unavailable(
                f"Nobody's token can be looked up at the moment, for something is wrong with the registry's "
                f"{TOKENS_FILE}. {fault}",
                code="TOKENS_UNUSABLE",
                retry_after=30,
            )


def _token_in(authorization: str | None) -> str:
    """The token of a header; nothing of the header is ever quoted, as anything in it may be a secret."""
    if authorization is None or not authorization.strip():
        raise errors.Unauthenticated(_MISSING, code="MISSING_TOKEN")
    if len(authorization) > _MAX_HEADER:
        raise errors.Unauthenticated(_MALFORMED, code="INVALID_TOKEN")
    found = _BEARER.match(authorization)
    if found:
        return found[1]
    if authorization.strip().lower() == "bearer":
        raise errors.Unauthenticated(_MISSING, code="MISSING_TOKEN")
    raise errors.Unauthenticated(_MALFORMED, code="INVALID_TOKEN")
