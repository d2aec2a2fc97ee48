"""The message of a commit: what happened, in words and in trailers that programs read."""

from ..access.principals import Principal
from .plans import Plan
from .requests import Caller


def commit_message(plan: Plan, caller: Caller, principal: Principal) -> str:
    """Subject, text and trailers. The client's words come first where it sent any; the trailers are ours alone."""
    paragraphs = [caller.message or plan.subject]
    if caller.message:
        paragraphs.append(plan.subject + ".")
    if plan.body:
        paragraphs.append(plan.body)
    trailers = [
        ("Registry-Action", plan.action),
        *([("Registry-Ref", plan.place.ref)] if plan.place else []),
        ("Registry-Principal", principal.name),
        ("Registry-Request", caller.request_id),
        *plan.trailers,
    ]
    paragraphs.append("\n".join(f"{key}: {value}" for key, value in trailers))
    return "\n\n".join(paragraphs) + "\n"
