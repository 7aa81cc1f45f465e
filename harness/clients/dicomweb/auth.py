"""How we show a DICOMweb service who we are.

Strategy: each way is a class that puts its proof on a request just before that leaves, and can be asked to renew it
after a 401. Settings come from the target's file, secrets from the environment alone, and whatever became a secret
during the run is known to :meth:`Authenticator.redact`, so that no text that a service sent back can carry it out.
"""

import base64
import logging
import time
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

import httpx

from harness.clients.dicomweb.ended import Ended, ended_by
from harness.core.endpoint import Auth, AuthKind, Timeouts, is_loopback
from harness.core.exchange import Ending
from harness.errors import EnvironmentProblem, UsageError

#: Seconds before its end at which a token is no longer used: a large object must still arrive within its life.
MARGIN: Final = 60.0

_HIDDEN = "[hidden]"
_LARGEST_TOKEN_ANSWER = 2**20
#: Error codes of a token endpoint (RFC 6749 5.2); anything else that it says is not repeated.
_TOKEN_ERRORS = frozenset(
    [
        "invalid_request",
        "invalid_client",
        "invalid_grant",
        "unauthorized_client",
        "unsupported_grant_type",
        "invalid_scope",
    ]
)


class Authenticator:
    """No proof at all, and the base of every other way."""

    #: Whether :meth:`sign` needs the SHA-256 of the body in ``X-Amz-Content-SHA256``.
    signs_body = False

    def __init__(self) -> None:
        self._hidden: set[str] = set()

    def sign(self, request: httpx.Request) -> None:
        """Put the proof on a request. Raises Ended where there is none to be had."""

    def renew(self) -> bool:
        """Get a new proof after a 401; False where there is no other than the refused one."""
        return False

    def redact(self, text: str) -> str:
        """``text`` without any secret."""
        for secret in sorted(self._hidden, key=len, reverse=True):
            text = text.replace(secret, _HIDDEN)
        return text

    def hide(self, *secrets: str) -> None:
        """Remember what must never be shown."""
        self._hidden.update(secret for secret in secrets if secret)


class Fixed(Authenticator):
    """One header that stays: HTTP Basic (RFC 7617) or a given bearer token (RFC 6750)."""

    def __init__(self, scheme: str, proof: str) -> None:
        super().__init__()
        self.hide(proof)
        self._header = f"{scheme} {proof}"

    def sign(self, request: httpx.Request) -> None:
        """Set the header."""
        request.headers["Authorization"] = self._header


class ClientCredentials(Authenticator):
    """OAuth 2.0 client credentials (RFC 6749 4.4): a token from a token endpoint, renewed before it ends."""

    def __init__(
        self,
        token_url: str,
        client_id: str,
        client_secret: str,
        *,
        form: Mapping[str, str],
        verify: Any,
        timeouts: Timeouts,
        clock: Callable[[], float],
    ) -> None:
        super().__init__()
        # The id and secret may be sent in the form or as Basic; the form is what the large providers document.
        self._form = {
            "grant_type": "client_credentials",
            "client_id": client_id,
            "client_secret": client_secret,
            **form,
        }
        self.hide(client_secret)
        self._url = token_url
        self._verify = verify
        self._timeouts = timeouts
        self._clock = clock
        self._token = ""
        self._until = 0.0

    def sign(self, request: httpx.Request) -> None:
        """Set the header, with a new token where the old one is about to end."""
        if not self._token or self._clock() >= self._until:
            self.renew()
        request.headers["Authorization"] = f"Bearer {self._token}"

    def renew(self) -> bool:
        """Ask the token endpoint."""
        try:
            by_proxy = not is_loopback(urlsplit(self._url).hostname or "")
            with httpx.Client(verify=self._verify, timeout=self._timeouts.answer, trust_env=by_proxy) as client:
                answer = client.post(self._url, data=self._form, headers={"Accept": "application/json"})
        except httpx.HTTPError as error:
            ended = ended_by(error, self._url, self._timeouts)
            # The PACS was not asked: how the token service ended says nothing of it.
            ending = Ending.UNTRUSTED if ended.ending is Ending.UNTRUSTED else Ending.UNREACHABLE
            raise Ended(ending, f"no token: {ended.detail} (token_url)") from None
        try:
            body = answer.json() if len(answer.content) <= _LARGEST_TOKEN_ANSWER else {}
        except ValueError:
            body = {}
        body = body if isinstance(body, dict) else {}
        if not answer.is_success or not isinstance(body.get("access_token"), str):
            said = str(body.get("error", ""))
            raise Ended(
                Ending.REJECTED,
                f"not authorised: the token endpoint {httpx.URL(self._url).host} answered {answer.status_code}"
                f"{' ' + said if said in _TOKEN_ERRORS else ''} and no token; see client_id, client_secret and scope",
            )
        self._token = body["access_token"]
        self.hide(self._token)
        life = _seconds(body.get("expires_in"))
        # A token that lives shorter than twice the margin is used for half of its life.
        self._until = self._clock() + max(life - MARGIN, life / 2)
        return True


class Google(Authenticator):
    """Application default credentials, found and renewed by google-auth."""

    def __init__(self, scope: str) -> None:
        super().__init__()
        try:
            import google.auth
            import google.auth.exceptions
            import google.auth.transport.requests
        except ImportError:
            raise EnvironmentProblem(_extra("google", "google-auth")) from None
        logging.getLogger("google.auth").setLevel(logging.INFO)  # its debug log holds requests as they are
        self._errors = google.auth.exceptions.GoogleAuthError
        self._transport = google.auth.transport.requests.Request()
        try:
            self._credentials: Any = google.auth.default(scopes=[scope])[0]
        except self._errors as error:
            raise UsageError(
                f"auth.kind 'google': no application default credentials ({type(error).__name__}); set "
                "GOOGLE_APPLICATION_CREDENTIALS to a key file, or run 'gcloud auth application-default login'"
            ) from None

    def sign(self, request: httpx.Request) -> None:
        """Set the header, with a new token where the old one is about to end."""
        if not self._credentials.valid:  # google-auth has a margin of its own
            self.renew()
        request.headers["Authorization"] = f"Bearer {self._credentials.token}"

    def renew(self) -> bool:
        """Ask Google for a new token."""
        try:
            self._credentials.refresh(self._transport)
        except self._errors as error:
            raise Ended(
                Ending.REJECTED,
                f"not authorised: Google gave no token ({type(error).__name__}); see the application default "
                "credentials and what they may do",
            ) from None
        self.hide(str(self._credentials.token))
        return True


class SignatureV4(Authenticator):
    """AWS Signature Version 4 over the request and the hash of its body, by botocore's signer."""

    signs_body = True

    def __init__(
        self, access_key: str, secret_key: str, session_token: str | None, *, region: str, service: str
    ) -> None:
        super().__init__()
        try:
            from botocore.auth import SigV4Auth
            from botocore.awsrequest import AWSRequest
            from botocore.credentials import Credentials
        except ImportError:
            raise EnvironmentProblem(_extra("aws", "botocore")) from None
        logging.getLogger("botocore.auth").setLevel(logging.INFO)  # its debug log holds the session token
        self.hide(secret_key, session_token or "")
        self._request = AWSRequest
        self._signer = SigV4Auth(Credentials(access_key, secret_key, session_token), service, region)

    def sign(self, request: httpx.Request) -> None:
        """Sign method, path, query, host and hash of the body."""
        # Only headers that no proxy on the way may change.
        signed = {name: request.headers[name] for name in ("host", "x-amz-content-sha256")}
        aws = self._request(method=request.method, url=str(request.url), headers=signed)
        self._signer.add_auth(aws)
        for name in ("Authorization", "X-Amz-Date", "X-Amz-Security-Token"):
            if name in aws.headers:
                request.headers[name] = aws.headers[name]


def make_authenticator(
    auth: Auth,
    *,
    environ: Mapping[str, str],
    verify: Any,
    timeouts: Timeouts,
    clock: Callable[[], float] = time.monotonic,
) -> Authenticator:
    """The way that ``auth`` names, with its secrets from ``environ``; ``clock`` counts seconds.

    Raises:
        UsageError: a setting or the environment variable of a secret is missing.
        EnvironmentProblem: the optional package that it needs is not installed.
    """
    given = _Given(auth, environ)
    match auth.kind:
        case AuthKind.NONE:
            return Authenticator()
        case AuthKind.BASIC:
            password = given.secret("password")
            pair = f"{given.either('username')}:{password}"
            basic = Fixed("Basic", base64.b64encode(pair.encode()).decode())
            basic.hide(password)
            return basic
        case AuthKind.BEARER:
            return Fixed("Bearer", given.secret("token"))
        case AuthKind.OAUTH:
            return ClientCredentials(
                given.setting("token_url"),
                given.either("client_id"),
                given.secret("client_secret"),
                form={key: value for key in ("scope", "audience", "resource") if (value := given.setting(key, ""))},
                verify=verify,
                timeouts=timeouts,
                clock=clock,
            )
        case AuthKind.GOOGLE:
            return Google(given.setting("scope", "https://www.googleapis.com/auth/cloud-platform"))
        case AuthKind.SIGV4:
            return SignatureV4(
                given.secret("access_key", "AWS_ACCESS_KEY_ID"),
                given.secret("secret_key", "AWS_SECRET_ACCESS_KEY"),
                given.secret("session_token", "AWS_SESSION_TOKEN", optional=True) or None,
                region=given.setting("region"),
                service=given.setting("service", "medical-imaging"),
            )


class _Given:
    """Settings by name, and secrets by role."""

    def __init__(self, auth: Auth, environ: Mapping[str, str]) -> None:
        self._kind = auth.kind
        self._settings = dict(auth.settings)
        self._variables = dict(auth.secrets)
        self._environ = environ

    def setting(self, name: str, default: str | None = None) -> str:
        value = self._settings.get(name, default)
        if value is None:
            raise UsageError(f"auth.kind '{self._kind}': the setting {name!r} is missing; add it to auth.settings")
        return value

    def secret(self, role: str, variable: str | None = None, *, optional: bool = False) -> str:
        variable = self._variables.get(role, variable)
        if variable is None:
            raise UsageError(
                f"auth.kind '{self._kind}': no environment variable is named for {role!r}; add it to auth.secrets"
            )
        value = self._environ.get(variable, "").strip()
        if not value and not optional:
            raise UsageError(
                f"auth.kind '{self._kind}': the environment variable {variable} for {role!r} is not set; set it first"
            )
        return value

    def either(self, name: str) -> str:
        """A name that some treat as a secret and some do not."""
        return self._settings[name] if name in self._settings else self.secret(name)


def _seconds(value: object) -> float:
    """Life of a token; RFC 6749 5.1 only recommends to tell it, and some write it as text."""
    try:
        return max(float(str(value)), 0.0)
    except ValueError:
        return 300.0


def _extra(name: str, package: str) -> str:
    return f"{package} is not installed, which this authentication needs; run 'pip install pytest-pacs[{name}]'"
