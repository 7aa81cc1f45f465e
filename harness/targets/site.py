"""What a site file says of a system that was there before and stays: how to reach it, and what we may do there.

Read as strictly as every other data file. A site file is made to be shown to colleagues and kept in version control,
so no secret may be in it: it names the environment variables that hold them. A key or value that looks like a secret is
refused, and never repeated in the message.
"""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit

from harness.catalogue.places import data_folder
from harness.catalogue.table import PLACEHOLDER, Table
from harness.core.endpoint import (
    REST_KINDS,
    Auth,
    AuthKind,
    Endpoint,
    Permission,
    RestEndpoint,
    Service,
    Timeouts,
    Tls,
    WebEndpoint,
    is_loopback,
)
from harness.core.sizes import parse_size
from harness.errors import DataFileError, UnknownName, UsageError

#: How a site file is told from the name of a target, and the file name of a template in its folder.
SUFFIX = ".toml"
TEMPLATE_FILE = "site.toml"

NOT_TOLD = "not told"

_LIMITS = ("connect", "association", "answer", "stall")
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
_VARIABLE = re.compile(r"[A-Z][A-Z0-9_]*")
_SECRET_KEY = re.compile(r"password|passwd|secret|token|credential|(access|api|private)_?key", re.IGNORECASE)
#: Settings of an authentication whose names sound like secrets and are none.
_NO_SECRETS = frozenset({"token_url"})


@dataclass(frozen=True, slots=True)
class Site:
    """One site file. ``endpoint``, ``web`` and ``rest`` are None without ``[dicom]``, ``[dicomweb]`` and ``[rest]``."""

    id: str
    path: Path
    product: str
    vendor: str
    version: str
    endpoint: Endpoint | None
    web: WebEndpoint | None
    permission: Permission
    rest: RestEndpoint | None = None


def read_site(path: Path) -> Site:
    """Read a site file; the name of the file without its ending is the id of the target.

    Raises:
        DataFileError: it cannot be read or breaks its rules; the message names file and key.
    """
    top = Table.load(path)
    if not _ID.fullmatch(path.stem):
        raise DataFileError(path, "file", "names the target; use letters, digits, '_', '.' and '-' in the file name")
    site = Site(
        id=path.stem,
        path=path,
        product=top.text("product"),
        vendor=top.text("vendor"),
        version=(top.text("version", empty=True) if "version" in top else "") or NOT_TOLD,
        endpoint=_dicom(top.table("dicom")) if "dicom" in top else None,
        web=_dicomweb(top.table("dicomweb")) if "dicomweb" in top else None,
        permission=_allowed(top.table("allowed")),
        rest=_rest(top.table("rest")) if "rest" in top else None,
    )
    _done(top)
    if site.endpoint is None and site.web is None:
        raise DataFileError(path, "file", "has neither [dicom] nor [dicomweb]; write how to reach the system")
    return site


def sites_in(folder: Path) -> dict[str, Path]:
    """The site files of a folder, by target id. They are read when they are asked for.

    Raises:
        UsageError: there is no such folder, or no site file in it.
    """
    files = {path.stem: path for path in sorted(folder.glob(f"*{SUFFIX}"))}
    if not files:
        raise UsageError(f"--target-dir: {folder} holds no site file (*{SUFFIX}); see 'pacs-harness targets new NAME'")
    return files


def templates() -> dict[str, Path]:
    """The templates of site files, by name."""
    return {path.parent.name: path for path in sorted(data_folder("compose").glob(f"*/{TEMPLATE_FILE}"))}


def template(name: str) -> str:
    """The text of a template.

    Raises:
        UnknownName: there is none of that name.
    """
    known = templates()
    if name not in known:
        raise UnknownName("template", name, known)
    return known[name].read_text("utf-8")


@dataclass(frozen=True, slots=True)
class TemplateNeeds:
    """What a person must bring to a template: the keys to fill in, and environment variables to set."""

    vendor: str
    product: str
    keys: tuple[str, ...]
    variables: tuple[str, ...]


def template_needs(name: str) -> TemplateNeeds:
    """What has to be filled in and set before the template of a system can be used.

    Raises:
        UnknownName: there is none of that name.
    """
    values = tomllib.loads(template(name))
    secrets = values.get("dicomweb", {}).get("auth", {}).get("secrets", {})
    return TemplateNeeds(
        vendor=values["vendor"],
        product=values["product"],
        keys=tuple(_placeholders(values)),
        variables=tuple(secrets.values()),
    )


def _placeholders(values: dict[str, Any], prefix: str = "") -> Iterator[str]:
    for key, value in values.items():
        if isinstance(value, dict):
            yield from _placeholders(value, f"{prefix}{key}.")
        elif isinstance(value, str) and PLACEHOLDER in value:
            yield prefix + key


def _dicom(table: Table) -> Endpoint:
    endpoint = Endpoint(
        host=table.text("host"),
        port=_port(table),
        aet=_aet(table, "aet"),
        calling_aet=_aet(table, "calling_aet"),
        tls=_tls(table.table("tls")) if "tls" in table else None,
        timeouts=_timeouts(table.table("timeouts")) if "timeouts" in table else Timeouts(),
    )
    if "receiver" in table:
        receiver = table.table("receiver")
        endpoint = replace(
            endpoint, receiver_aet=_aet(receiver, "aet"), receiver_host=_listen(receiver), receiver_port=_port(receiver)
        )
        _done(receiver)
    _done(table)
    return endpoint


def _web_url(table: Table, key: str, which: str) -> tuple[str, SplitResult]:
    """The URL without a slash at its end, and its parts."""
    text = table.text(key).rstrip("/")
    url = _url(table, key, text)
    if url.username or url.password:
        raise table.problem(key, "holds a user name or password; name their environment variables in dicomweb.auth")
    if url.scheme not in ("http", "https") or not url.hostname or url.query or url.fragment:
        # The value is not repeated: a query may hold a secret.
        raise table.problem(key, f"is no http or https URL without query; give {which}")
    return text, url


def _rest(table: Table) -> RestEndpoint:
    base, _ = _web_url(table, "base", "the root of the product's own interface")
    rest = RestEndpoint(table.text("kind"), base)
    if rest.kind not in REST_KINDS:
        raise table.problem("kind", f"is {rest.kind!r}; known: {', '.join(REST_KINDS)}")
    _done(table)
    return rest


def _dicomweb(table: Table) -> WebEndpoint:
    base, url = _web_url(table, "base", "the one that /studies follows")
    web = WebEndpoint(
        base,
        auth=_auth(table.table("auth")) if "auth" in table else Auth(),
        tls=_tls(table.table("tls")) if "tls" in table else Tls(),
        max_request=_size(table, "max_request"),
        wado_uri=_web_url(table, "wado_uri", "that of the service")[0] if "wado_uri" in table else None,
    )
    if web.auth.kind is not AuthKind.NONE and url.scheme != "https" and not is_loopback(url.hostname or ""):
        raise table.problem("base", "is no https URL, and credentials are sent there; give one")
    _done(table)
    return web


#: Settings that each kind of authentication knows.
_SETTINGS: dict[AuthKind, frozenset[str]] = {
    AuthKind.BASIC: frozenset({"username"}),
    AuthKind.OAUTH: frozenset({"token_url", "client_id", "scope", "audience", "resource"}),
    AuthKind.GOOGLE: frozenset({"scope"}),
    AuthKind.SIGV4: frozenset({"region", "service"}),
}


def _auth(table: Table) -> Auth:
    auth = Auth(
        kind=table.choice("kind", AuthKind),
        settings=table.pairs("settings") if "settings" in table else (),
        secrets=table.pairs("secrets") if "secrets" in table else (),
    )
    for name, value in auth.settings:
        if _SECRET_KEY.search(name) and name not in _NO_SECRETS:
            raise table.problem(f"settings.{name}", _NO_LITERAL)
        if name not in _SETTINGS.get(auth.kind, ()):
            raise table.problem(f"settings.{name}", "is no setting of this kind; remove it or correct its spelling")
        if name == "token_url":
            url = _url(table, "settings.token_url", value)
            open_way = url.scheme != "https" and not is_loopback(url.hostname or "")
            if url.username or url.password or not url.hostname or open_way:
                raise table.problem(
                    "settings.token_url", "is no https URL without user name, and the secret is sent there; give one"
                )
    for role, variable in auth.secrets:
        # The value is not repeated: it may be the secret itself.
        if not _VARIABLE.fullmatch(variable):
            raise table.problem(
                f"secrets.{role}", "is no name of an environment variable (A-Z, 0-9, _); " + _NO_LITERAL
            )
    _done(table)
    return auth


def _tls(table: Table) -> Tls:
    tls = Tls(
        **{key: _file(table, key) for key in ("authorities", "certificate", "key")},
        server_name=table.text("server_name") if "server_name" in table else None,
    )
    if (tls.certificate is None) != (tls.key is None):
        missing = "key" if tls.key is None else "certificate"
        raise table.problem(missing, "is missing; give certificate and key together, or neither")
    _done(table)
    return tls


def _timeouts(table: Table) -> Timeouts:
    limits = {key: float(table.integer(key)) for key in _LIMITS if key in table}
    for key, limit in limits.items():
        if not limit:
            raise table.problem(key, "is 0; give seconds above zero")
    _done(table)
    return Timeouts(**limits)


def _allowed(table: Table) -> Permission:
    permission = Permission(frozenset(table.choices("services", Service)), largest=_size(table, "largest"))
    if "deletion" in table and table.boolean("deletion"):
        raise table.problem("deletion", "is true; write false, because the harness deletes nothing on a site system")
    _done(table)
    return permission


def _aet(table: Table, key: str) -> str:
    aet = table.text(key)
    # The AE value representation: at most 16 characters of the default repertoire, no backslash (PS3.5 6.2).
    if len(aet) > 16 or not aet.isascii() or not aet.isprintable() or "\\" in aet or not aet.strip():
        raise table.problem(key, f"is {aet!r}; give an AE title of at most 16 ASCII characters without backslash")
    return aet


def _port(table: Table) -> int:
    port = table.integer("port")
    if not 0 < port < 65536:
        raise table.problem("port", f"is {port}; give a port from 1 to 65535")
    return port


def _listen(table: Table) -> str:
    """The address of our receiver: one address, so that a server of ours is not open to every network."""
    host = table.text("host")
    try:
        everywhere = ip_address(host).is_unspecified
    except ValueError:
        everywhere = False
    if everywhere:
        raise table.problem("host", f"is {host!r}; give the one address of this machine that the PACS can reach")
    return host


def _url(table: Table, key: str, text: str) -> SplitResult:
    try:
        url = urlsplit(text)
        _ = url.port
    except ValueError:
        raise table.problem(key, "is no URL; give one such as https://pacs.example/dicom-web") from None
    return url


def _size(table: Table, key: str) -> int | None:
    if key not in table:
        return None
    try:
        return parse_size(table.text(key))
    except ValueError as error:
        raise table.problem(key, str(error)) from None


def _file(table: Table, key: str) -> str | None:
    """A file named relative to the site file."""
    if key not in table:
        return None
    path = table.path.parent / table.text(key)
    if not path.is_file():
        raise table.problem(key, f"names {path}, which is no file; give a PEM file")
    return str(path)


def _done(table: Table) -> None:
    for key in table.names():
        if _SECRET_KEY.search(key):
            raise table.problem(key, _NO_LITERAL)
    table.done()


_NO_LITERAL = (
    "secrets do not belong into a site file; name the environment variable that holds it in [dicomweb.auth.secrets]"
)
