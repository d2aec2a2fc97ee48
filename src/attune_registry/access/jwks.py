"""Public keys that may sign JWTs, read from a JSON Web Key Set (RFC 7517)."""

import json
from collections.abc import Sequence
from typing import Any, NamedTuple

import jwt

# The parameters of a public key and nothing else: the private half of a key is not even looked at.
_PUBLIC = ("kty", "n", "e", "crv", "x", "y")
_MIN_RSA_BITS = 2048


class SigningKey(NamedTuple):
    """A public key with the one algorithm it is good for; `kid` is "" for a key without a name."""

    kid: str
    algorithm: str
    key: jwt.PyJWK


Keys = tuple[SigningKey, ...]
NO_KEYS: Keys = ()


def parse_keys(raw: bytes) -> Keys:
    """The keys of a JWKS file that can verify RS256 or ES256; others in it are left out.

    ValueError, with a sentence that quotes no key, when it is no JWKS, has no such key or two of one kid.
    """
    try:
        data = json.loads(raw)
    except (ValueError, RecursionError):
        raise ValueError("The file is not JSON.") from None
    if not isinstance(data, dict) or not isinstance(data.get("keys"), list):
        raise ValueError("The file is not a JSON Web Key Set: it has no list 'keys'.")
    keys = tuple(key for key in map(_usable, data["keys"]) if key)
    if not keys:
        raise ValueError(f"The file has no key for RS256 ({_MIN_RSA_BITS} bits or more) or ES256 (P-256).")
    names = [(key.kid, key.algorithm) for key in keys if key.kid]
    if len(set(names)) != len(names):
        raise ValueError("Two keys in the file have the same kid.")
    return keys


def _usable(entry: Any) -> SigningKey | None:
    if not isinstance(entry, dict):
        return None
    algorithm = _algorithm_of(entry)
    if algorithm is None or not isinstance(entry.get("kid", ""), str):
        return None
    try:
        key = jwt.PyJWK({name: entry[name] for name in _PUBLIC if name in entry}, algorithm)
    except (jwt.PyJWTError, ValueError, TypeError, KeyError):
        return None
    if algorithm == "RS256" and key.key.key_size < _MIN_RSA_BITS:
        return None
    return SigningKey(entry.get("kid", ""), algorithm, key)


def _algorithm_of(entry: dict[str, Any]) -> str | None:
    """The algorithm a key is for, by its type; None when it says that it is for something else."""
    if entry.get("kty") == "RSA":
        algorithm = "RS256"
    elif entry.get("kty") == "EC" and entry.get("crv") == "P-256":
        algorithm = "ES256"
    else:
        return None
    operations = entry.get("key_ops", ["verify"])
    if entry.get("use", "sig") != "sig" or not isinstance(operations, list) or "verify" not in operations:
        return None
    return algorithm if entry.get("alg", algorithm) == algorithm else None


def key_for(keys: Sequence[SigningKey], algorithm: str, kid: object) -> SigningKey | None:
    """The key a token's header names; without a `kid`, the only one there is for the algorithm."""
    fitting = [key for key in keys if key.algorithm == algorithm and (kid is None or key.kid == kid)]
    return fitting[0] if len(fitting) == 1 else None
