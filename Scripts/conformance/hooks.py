"""What the conformance run adds to schemathesis: who may do what, and the exceptions."""

import json
import os

import schemathesis

DAEMON = os.environ["CONFORMANCE_DAEMON"]  # balancer or instance
ROLE = os.environ["CONFORMANCE_ROLE"]  # none, viewer, operator, instance or local

# Which values of x-access a role opens. The Unix socket (local) opens all of them.
OPENS = {
    "none": {"open", "selfProving"},
    "viewer": {"open", "selfProving", "viewer"},
    "operator": {"open", "selfProving", "viewer", "operator"},
    "instance": {"open", "selfProving", "instance"},
}


def access(operation):
    raw = operation.definition.raw
    return raw.get(f"x-access-{DAEMON}", raw["x-access"])


@schemathesis.hook
def before_load_schema(context, raw_schema):
    """Leaves the routes of this daemon; on the Unix socket nobody needs a token."""
    for path, item in list(raw_schema["paths"].items()):
        for method, operation in list(item.items()):
            if "x-served-by" not in operation:
                continue
            if DAEMON not in operation["x-served-by"]:
                del item[method]
            elif ROLE == "local":
                operation["security"] = []
        if not any("x-served-by" in operation for operation in item.values()):
            del raw_schema["paths"][path]


@schemathesis.serializer("application/jwt")
def as_it_is(context, value):
    """A signed document is sent as it is, not as JSON."""
    return value.encode() if isinstance(value, str) else json.dumps(value).encode()


@schemathesis.check
def opens_only_to_its_roles(ctx, response, case):
    """A route that the role does not open answers nothing but 401, 403 and worse requests.

    OPTIONS names the methods of a path to everybody.
    """
    if case.method.upper() == "OPTIONS":
        return
    if ROLE != "local" and access(case.operation) not in OPENS[ROLE]:
        assert response.status_code >= 400, f"{ROLE} got in"


# Failures that are as they should be: the check, the routes ("*": all), when, and why.
EXCEPTIONS = [
    (
        "RejectedPositiveData", "*",
        lambda case, response: "is in the past" in response.text,
        "A schema cannot say that a time lies in the future.",
    ),
    (
        "RejectedPositiveData", "*",
        lambda case, response: "holds an invisible character" in response.text
        or "begins with a mark" in response.text
        or "to which Unicode gives no meaning" in response.text
        or "a blank other than the space" in response.text
        or "begins or ends with a blank" in response.text
        or "has nothing in it that can be seen" in response.text,
        "The tables of Unicode do not fit into a pattern.",
    ),
    (
        "RejectedPositiveData", "GET /v1/sessions",
        lambda case, response: "user or computer must say" in response.text,
        "OpenAPI cannot say that one of two parameters is needed.",
    ),
    (
        "RejectedPositiveData", "PUT /v1/tokens/{id}/instances",
        lambda case, response: "only those of the role instance own" in response.text,
        "A schema cannot say which role a token in the path has.",
    ),
    (
        "RejectedPositiveData", "PUT /v1/tokens/{id}/instances",
        lambda case, response: "has ended" in response.text,
        "A schema cannot say whether a token in the path is still in force.",
    ),
    (
        "RejectedPositiveData", "PUT /v1/desired",
        lambda case, response: "must be a signed desired state" in response.text,
        "A schema cannot say that a document is signed with the cluster's key.",
    ),
    (
        "RejectedPositiveData", "PUT /v1/servers",
        lambda case, response: "must be a signed list of servers" in response.text,
        "A schema cannot say that a document is signed with the cluster's key.",
    ),
    (
        "AcceptedNegativeData", "GET /v1/sessions",
        lambda case, response: DAEMON == "instance",
        "The parameters are a balancer's; an instance knows none, and leaves them unread.",
    ),
]


@schemathesis.hook
def filter_failure(context, failure, case, response):
    return not any(
        type(failure).__name__ == name
        and routes in ("*", case.operation.label)
        and applies(case, response)
        for name, routes, applies, _ in EXCEPTIONS
    )
