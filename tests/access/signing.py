"""Keys, key sets and JWTs for the tests of this folder, made on the spot."""

import base64
import hashlib
import hmac
import json
import time

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

SECRET = "a secret of the platform, long enough"
RSA = rsa.generate_private_key(65537, 2048)
OTHER_RSA = rsa.generate_private_key(65537, 2048)
EC = ec.generate_private_key(ec.SECP256R1())
EC_384 = ec.generate_private_key(ec.SECP384R1())


def claims(**changes):
    """The claims of an access token of the Attune platform; None takes one away."""
    now = int(time.time())
    whole = {"sub": "42", "login": "jane", "iat": now, "exp": now + 60, "token_type": "access", **changes}
    return {name: value for name, value in whole.items() if value is not None}


def platform_token(**changes):
    return jwt.encode(claims(**changes), SECRET, "HS256")


def rsa_token(key=RSA, kid="r1", headers=None, **changes):
    return jwt.encode(claims(**changes), key, "RS256", headers={**({"kid": kid} if kid else {}), **(headers or {})})


def ec_token(key=EC, kid="e1", **changes):
    return jwt.encode(claims(**changes), key, "ES256", headers={"kid": kid})


def jwk(key, kid=None, **changes):
    algorithm = {"RSAPublicKey": "RS256", "ECPublicKey": "ES256" if key.key_size == 256 else "ES384"}[
        next(name for name in ("RSAPublicKey", "ECPublicKey") if name in type(key.public_key()).__name__)
    ]
    entry = jwt.get_algorithm_by_name(algorithm).to_jwk(key.public_key(), as_dict=True)
    entry.pop("key_ops", None)
    return {**entry, **({"kid": kid} if kid else {}), **changes}


def key_set(*entries):
    return json.dumps({"keys": list(entries)}).encode()


def public_pem(key):
    return key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def segment(value):
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def forged(header, payload, key):
    """A token signed by HMAC with any key, which libraries refuse to make."""
    signed = f"{segment(header)}.{segment(payload)}"
    return f"{signed}.{segment(hmac.digest(key, signed.encode(), hashlib.sha256))}"
