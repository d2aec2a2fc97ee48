"""Literals that look like secrets: git never forgets them."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from attune_registry.checks.expressions import is_template
from attune_registry.checks.randomness import bits, is_by_chance
from attune_registry.checks.texts import FIELDS, Texts
from attune_registry.checks.transitions import Steps
from attune_registry.pointers import pointer
from attune_registry.problems import Finding

# What the issuers themselves write about the shape of their tokens.
_SHAPES: tuple[tuple[str, str], ...] = (
    ("a private key", r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----"),
    # Those that end in EXAMPLE are AWS's own, for documentation, and open nothing.
    ("an AWS access key", r"\b(?:AKIA|ASIA|ABIA|ACCA)(?![0-9A-Z]{9}EXAMPLE\b)[0-9A-Z]{16}\b"),
    ("a GitHub token", r"\b(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{22})"),
    ("a GitLab token", r"\bgl(?:pat|rt|dt|cbt|ptt|ft)-[A-Za-z0-9_-]{20}"),
    ("a Slack token", r"\b(?:xox[abeoprs]|xapp)-[0-9A-Za-z-]{10}"),
    ("a Slack webhook", r"hooks\.slack\.com/services/T[0-9A-Z]{6,}/B[0-9A-Z]{6,}/[0-9A-Za-z]{16}"),
    ("a Stripe key", r"\b[sr]k_live_[0-9A-Za-z]{16}"),
    ("a Google API key", r"\bAIza[0-9A-Za-z_-]{35}"),
    ("an Anthropic key", r"\bsk-ant-[0-9A-Za-z_-]{20}"),
    ("an OpenAI key", r"\bsk-(?:proj-|svcacct-)?[0-9A-Za-z]{20}[0-9A-Za-z_-]{12}"),
    ("an npm token", r"\bnpm_[0-9A-Za-z]{36}"),
    ("a PyPI token", r"\bpypi-[0-9A-Za-z_-]{50}"),
    ("a SendGrid key", r"\bSG\.[0-9A-Za-z_-]{22}\.[0-9A-Za-z_-]{43}"),
    ("a DigitalOcean token", r"\bdo[opr]_v1_[0-9a-f]{64}"),
    ("a Hugging Face token", r"\bhf_[A-Za-z]{34}\b"),
    ("a Vault token", r"\bhv[sbr]\.[0-9A-Za-z_-]{24}"),
    ("a Databricks token", r"\bdapi[0-9a-f]{32}\b"),
    ("a Docker Hub token", r"\bdckr_pat_[0-9A-Za-z_-]{27}"),
    ("a Shopify token", r"\bshp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}\b"),
    ("an Atlassian token", r"\bATATT3[0-9A-Za-z_=-]{50}"),
    ("a Google client secret", r"\bGOCSPX-[0-9A-Za-z_-]{28}"),
    ("a Telegram token", r"\b[0-9]{8,10}:AA[0-9A-Za-z_-]{33}\b"),
    ("an Azure storage key", r"\bAccountKey=[0-9A-Za-z+/]{60}"),
    ("an age key", r"\bAGE-SECRET-KEY-1[0-9A-Z]{50}"),
    # Looked for from where a word starts, once: what follows a word is the same for each eyJ in it.
    (
        "a JSON Web Token",
        r"(?<![0-9A-Za-z_-])(?>[0-9A-Za-z_-]*?\beyJ)[0-9A-Za-z_-]{10,}\.eyJ[0-9A-Za-z_-]{10,}\.[0-9A-Za-z_-]{10,}",
    ),
)
_SHAPE = re.compile("|".join(f"({shape})" for _, shape in _SHAPES))
# A text without any of these holds nothing of those shapes: it is the quick one of the two.
_MARKS = re.compile(
    r"PRIVATE KEY|A[KSBC][IC]A[0-9A-Z]|gh[pousr]_|github_pat_|gl[a-z]{2,4}-|xox|xapp-|hooks\.slack|k_live_|AIza"
    r"|sk-|npm_|pypi-|SG\.|_v1_|hf_|hv[sbr]\.|dapi|eyJ|dckr_|shp[acps]|ATATT3|GOCSPX|:AA"
    r"|AccountKey=|AGE-SECRET|://[^/\s:@]*:[^/\s@]+@"
)
# One of these stands in every text of those shapes, and nearly no file holds any. A single character is looked for
# many times as fast, so that each stands by one that is in it and not in many files.
_TRACES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("-", ("glpat-", "glrt-", "gldt-", "glcbt-", "glptt-", "glft-", "xox", "xapp-", "sk-", "pypi-", "GOCSPX-")),
    ("_", ("ghp_", "gho_", "ghu_", "ghs_", "ghr_", "_pat_", "k_live_", "npm_", "_v1_", "hf_", "shp")),
    ("A", ("IA", "ACCA", "AIza", "ATATT3", ":AA", "AccountKey=", "PRIVATE KEY", "AGE-SECRET-KEY-1")),
    (".", ("hooks.slack", "SG.", "hvs.", "hvb.", "hvr.")),
    ("J", ("eyJ",)),
    (":", ("://",)),
    ("d", ("dapi",)),
)
_SHORTEST, _LEAST, _LONG = 16, 8, 32
# Of the scheme the last character will do: from every one of them the whole would be looked through anew.
_URL_PASSWORD = re.compile(r"[a-z0-9+.-]://[^/\s:@{}]*:([^/\s@{}$<>*]{6,})@")

_SECRET_NAME = re.compile(
    r"(?:pass(?:word|wd|phrase)|(?:^|[_-])(?:(?:ssh|pg)?pass|pwd|(?:client)?secret|(?:access|api|auth)?token"
    r"|(?:access|api|auth|private|secret|signing)[_-]?key|credentials?|bearer))$"
)
_PLACEHOLDER = re.compile(
    r"x{3,}|\*{3,}|\.{3}|change|example|placeholder|dummy|sample|your|redacted|replace|insert|todo|test"
    r"|[<>${}\s]|^(?:arn|https?|vault|secrets?|ref|env|file|keystore|ssm|kms|kv|op|gcp|azure|aws(?:-?sm|-?ssm)?):|^/"
    # What refers to the place of a secret, is filled in later, or is an account's name: op://prod/db/password,
    # ((token-1)), %TOKEN_1%, @@TOKEN_1@@, deployer@prod-42.iam.gserviceaccount.com.
    r"|^[a-z][a-z0-9+.-]*://|^\(\(.+\)\)$|^%[\w.-]+%$|^@@.+@@$|^[\w.+-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,}$",
    re.IGNORECASE,
)
# An identifier (slack_bot_token, prod.db.password) names a secret, it is none.
_IDENTIFIER = re.compile(r"[A-Za-z]+(?:[_./:-][A-Za-z]+)*[0-9]{0,3}\Z")
# So does one of three parts or more, some of them numbers: projects/acme-42/secrets/db, deploy-key-2024, db#key_v2.
_NUMBERED = re.compile(r"(?:[A-Za-z]+[0-9]{0,4}|[0-9]+)(?:[_./:#-](?:[A-Za-z]+[0-9]{0,4}|[0-9]+)){2,}\Z")
_LEAST_BITS = 3.2
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


# Behind the name of a scheme comes what an HTTP header has to keep secret.
_SCHEMES = "Bearer|Basic|Token|ApiKey"
_SCHEME = re.compile(rf"(?:{_SCHEMES})\s+(\S+)\Z", re.IGNORECASE)
# Among texts between NULs, one of a scheme, or that may be by chance: whatever is found there is looked at again.
_MAY_BE = re.compile(
    rf"\0(?:(?i:{_SCHEMES})\s+[^\s{{]+\0"
    r"|(?=[A-Za-z0-9+/_-]{32,}+={0,2}\0)(?=[^\0]*[A-Z])(?=[^\0]*[0-9]))"
)
# What is said to be no secret, or to hold something else, may well look like chance.
_PUBLIC_NAME = re.compile(
    r"(?:^|[_-])(?:ids?|uid|hash|digest|checksum|sum|sha\d*|md5|etag|cursor|commit|revision|fingerprint|integrity"
    r"|signature|nonce|public[_-]?key|certificate|cert|data|content|body|payload|image|base64|blob|page[_-]?token)$"
)


def check(form: dict[str, Any], texts: Texts) -> Iterator[Finding]:
    """The strings of a workflow, whose texts are gathered, that look like secrets."""
    if _is_suspicious(texts):
        yield from _findings(form)


def check_pack(data: dict[str, Any]) -> Iterator[Finding]:
    """The strings of a pack that look like secrets, under the keys of the platform's own as well."""
    for steps, name, value in _literals(data):
        yield from _finding(steps, name, value)


def _is_suspicious(texts: Texts) -> bool:
    """False where no string can look like a secret, as in nearly every file: told without looking at each."""
    if any(map(_is_secret_name, texts.names)):
        return True
    together = "\0".join(("", *texts.said, ""))
    return _has_trace(together) or _MAY_BE.search(together) is not None


def _has_trace(text: str) -> bool:
    return any(mark in text and any(map(text.__contains__, traces)) for mark, traces in _TRACES)


def _findings(form: dict[str, Any]) -> Iterator[Finding]:
    for steps, name, value in _literals({field: form[field] for field in ("definition", *FIELDS)}):
        yield from _finding(steps, name, value)


def _finding(steps: Steps, name: str, text: str) -> Iterator[Finding]:
    if name in ("default", "const") and len(steps) > 2:
        name = str(steps[-2])
    kind, offset = _kind(name, text)
    if kind:
        message = f"This looks like {kind}, and whoever can read the repository can read it"
        hint = "revoke it, and read it from where secrets are kept, like {{ keystore.name }}"
        yield Finding("secret-literal", pointer(*steps), message, hint, offset=offset)


def _literals(data: dict[str, Any]) -> Iterator[tuple[Steps, str, str]]:
    """Steps, nearest key above, and text, of every string that is long enough."""
    pending: list[tuple[Any, Steps, str]] = [(data, (), "")]
    while pending:
        value, steps, above = pending.pop()
        is_mapping = value.__class__ is dict
        for key, item in value.items() if is_mapping else enumerate(value):
            if item.__class__ is str:
                if len(item) >= _LEAST:
                    yield (*steps, key), str(key) if is_mapping else above, item
            elif item.__class__ is dict or item.__class__ is list:
                pending.append((item, (*steps, key), str(key) if is_mapping else above))


def _kind(name: str, text: str) -> tuple[str, int]:
    """What a string looks like ("" for nothing secret), and where in it."""
    if len(text) >= _SHORTEST and _MARKS.search(text):
        match = _SHAPE.search(text)
        if match:
            return _SHAPES[(match.lastindex or 1) - 1][0], match.start()
        url = _URL_PASSWORD.search(text) if "://" in text and "@" in text else None
        if url and not _PLACEHOLDER.search(url.group(1)) and not url.group(1).isalpha():
            return "a password in a URL", url.start(1)
    if is_template(text):
        return "", 0
    if _is_secret_name(name) and _is_random(name, text):
        return f"a secret in {name}", 0
    scheme = _SCHEME.match(text)
    if scheme and _is_random(name, scheme[1]):
        return f"a secret in {name}", scheme.start(1)
    if len(text) >= _LONG and not _is_public_name(name) and is_by_chance(text) and not _PLACEHOLDER.search(text):
        return "a key or a token", 0
    return "", 0


@lru_cache(maxsize=4096)
def _is_secret_name(name: str) -> bool:
    return _SECRET_NAME.search(_HUMP.sub("_", name).lower()) is not None


@lru_cache(maxsize=4096)
def _is_public_name(name: str) -> bool:
    return _PUBLIC_NAME.search(_HUMP.sub("_", name).lower()) is not None


def _is_random(name: str, text: str) -> bool:
    """True for what nobody would type but as a secret; a password may be shorter than a token."""
    if _PLACEHOLDER.search(text) or _IDENTIFIER.match(text) or _is_numbered(text):
        return False
    kinds = sum(1 for kind in (r"[a-z]", r"[A-Z]", r"[0-9]", r"[^A-Za-z0-9]") if re.search(kind, text))
    if len(text) < _SHORTEST:
        return "pass" in name.lower() and kinds >= 3
    return kinds >= 2 and any(char.isdigit() for char in text) and bits(text) >= _LEAST_BITS


def _is_numbered(text: str) -> bool:
    """True for an identifier with numbers in it; where there are as many as in abcd-1234-efgh-5678, it is a key."""
    counted = sum(map(str.isdigit, text))
    return counted * 2 < sum(map(str.isalpha, text)) and _NUMBERED.match(text) is not None
