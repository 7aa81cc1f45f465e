"""Who we are: proofs that fit, proofs that do not, tokens that end in mid-run, and secrets that never leave."""

import builtins
import json
import logging

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from harness.core.endpoint import Auth, AuthKind
from harness.core.exchange import Ending
from harness.errors import EnvironmentProblem, UsageError
from tests.clients.test_dicomweb import INSTANCE, SERIES, STUDY, client, make_object
from tests.clients.web_service import (
    ACCESS_KEY,
    CLIENT_ID,
    CLIENT_SECRET,
    PASSWORD,
    REGION,
    SECRET_KEY,
    USERNAME,
    Rules,
    WebService,
)

ENVIRON = {
    "PACS_CLIENT_SECRET": CLIENT_SECRET,
    "PACS_PASSWORD": PASSWORD,
    "AWS_ACCESS_KEY_ID": ACCESS_KEY,
    "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
}
BASIC = Auth(AuthKind.BASIC, settings=(("username", USERNAME),), secrets=(("password", "PACS_PASSWORD"),))
SIGV4 = Auth(AuthKind.SIGV4, settings=(("region", REGION),))


def oauth(service: WebService) -> Auth:
    return Auth(
        AuthKind.OAUTH,
        settings=(("token_url", f"{service.root}/token"), ("client_id", CLIENT_ID), ("scope", "dicom")),
        secrets=(("client_secret", "PACS_CLIENT_SECRET"),),
    )


@pytest.fixture
def object_file(tmp_path):
    return make_object(tmp_path / "object.dcm")


@pytest.fixture
def service(tmp_path, request):
    with WebService(tmp_path / "service", Rules(auth=request.param)) as service:
        yield service


def kinds(service: WebService) -> dict[str, Auth]:
    return {"basic": BASIC, "token": oauth(service), "sigv4": SIGV4}


@pytest.mark.parametrize("service", ["basic", "token", "sigv4"], indirect=True)
def test_right_proof_opens_every_service(service, object_file, tmp_path):
    with client(service.base, auth=kinds(service)[service.rules.auth], environ=ENVIRON) as web:
        assert web.store(object_file, STUDY).status == 200
        query = {"StudyInstanceUID": STUDY, "SeriesInstanceUID": SERIES, "SOPInstanceUID": INSTANCE, "Rows": ""}
        exchange, found = web.find(query, level="IMAGE")
        assert (exchange.status, len(found)) == (200, 1)
        assert web.retrieve(STUDY, SERIES, INSTANCE, tmp_path / "in")[0].status == 200


@pytest.mark.parametrize("service", ["basic", "token", "sigv4"], indirect=True)
def test_no_proof_is_not_authorised(service, object_file):
    with client(service.base) as web:
        exchange = web.store(object_file, STUDY)
    assert exchange.status in (401, 403)
    assert exchange.detail.startswith("not authorised: ")
    assert list(service.folder.glob("*.dcm")) == []


@pytest.mark.parametrize("service", ["token"], indirect=True)
def test_bearer_token_of_the_environment_is_used_and_not_renewed(service, object_file):
    auth = Auth(AuthKind.BEARER, secrets=(("token", "PACS_TOKEN"),))
    service.rules.token_uses = 1
    with client(service.base, auth=auth, environ={"PACS_TOKEN": service.issue() + "\n"}) as web:
        assert web.store(object_file, STUDY).status == 200
        refused = web.store(object_file, STUDY)
    assert refused.status == 401
    assert "does not take our bearer proof" in refused.detail


@pytest.mark.parametrize("service", ["token"], indirect=True)
def test_token_that_ends_in_mid_run_is_renewed_once_after_a_401(service, object_file, tmp_path):
    service.rules.token_uses = 2
    with client(service.base, auth=oauth(service), environ=ENVIRON) as web:
        exchanges = [web.store(object_file, STUDY) for _ in range(4)]
        exchanges.append(web.retrieve(STUDY, SERIES, INSTANCE, tmp_path / "in")[0])
    assert [exchange.status for exchange in exchanges] == [200] * 5
    assert [status for _, _, status in service.seen].count(401) == 2
    assert len(service.issued) == 3


@pytest.mark.parametrize("service", ["token"], indirect=True)
@pytest.mark.parametrize(("life", "after"), [(3600, 3541), ("3600", 3541), (100, 51)])
def test_token_is_renewed_before_its_end_without_any_401(service, object_file, life, after):
    now = [1000.0]
    service.rules.token_life = life
    with client(service.base, auth=oauth(service), environ=ENVIRON, clock=lambda: now[0]) as web:
        web.store(object_file, STUDY)
        now[0] += after - 2
        web.store(object_file, STUDY)
        assert len(service.issued) == 1
        now[0] += 2
        assert web.store(object_file, STUDY).status == 200
    assert len(service.issued) == 2
    assert 401 not in [status for _, _, status in service.seen]


@pytest.mark.parametrize("service", ["token"], indirect=True)
def test_new_token_that_is_refused_too_ends_it(service, object_file):
    service.rules.token_uses = 0
    with client(service.base, auth=oauth(service), environ=ENVIRON) as web:
        exchange = web.store(object_file, STUDY)
    assert exchange.status == 401
    assert "also with a new token" in exchange.detail
    assert len(service.issued) == 2


@pytest.mark.parametrize("service", ["token"], indirect=True)
def test_wrong_client_secret_names_the_token_endpoint(service, object_file):
    with client(service.base, auth=oauth(service), environ={"PACS_CLIENT_SECRET": "wr0ng-secret"}) as web:
        exchange = web.store(object_file, STUDY)
    assert exchange.ending is Ending.REJECTED
    assert "the token endpoint 127.0.0.1 answered 401 invalid_client" in exchange.detail
    assert "wr0ng" not in repr(exchange)
    assert [path for _, path, _ in service.seen] == ["/token"]


@pytest.mark.parametrize("service", ["token"], indirect=True)
def test_token_endpoint_that_is_not_there_is_told_apart_from_the_service(service, object_file):
    auth = Auth(
        AuthKind.OAUTH,
        settings=(("token_url", "http://127.0.0.1:1/token"), ("client_id", CLIENT_ID)),
        secrets=(("client_secret", "PACS_CLIENT_SECRET"),),
    )
    with client(service.base, auth=auth, environ=ENVIRON) as web:
        exchange = web.store(object_file, STUDY)
    assert exchange.ending is Ending.UNREACHABLE
    assert exchange.detail.startswith("no token: nothing listens at 127.0.0.1:1")


@pytest.mark.parametrize("service", ["sigv4"], indirect=True)
def test_wrong_signature_is_not_authorised(service, object_file):
    with client(service.base, auth=SIGV4, environ=ENVIRON | {"AWS_SECRET_ACCESS_KEY": "wr0ng-key"}) as web:
        exchange = web.store(object_file, STUDY)
    assert exchange.status == 403
    assert "our sigv4 proof is wrong" in exchange.detail


@pytest.mark.parametrize("service", ["token"], indirect=True)
def test_google_credentials_are_used_and_renewed(service, object_file, tmp_path, monkeypatch):
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    account = {
        "type": "service_account",
        "client_email": "harness@example.invalid",
        "private_key": pem,
        "private_key_id": "1",
        "project_id": "p",
        "token_uri": f"{service.root}/token?assertion",
    }
    (tmp_path / "key.json").write_text(json.dumps(account))
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "key.json"))
    service.rules.token_uses = 1
    with client(service.base, auth=Auth(AuthKind.GOOGLE)) as web:
        assert [web.store(object_file, STUDY).status for _ in range(2)] == [200, 200]
    assert len(service.issued) == 2


def test_google_without_credentials_says_where_they_belong(tmp_path, monkeypatch):
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "missing.json"))
    with pytest.raises(UsageError, match="GOOGLE_APPLICATION_CREDENTIALS"):
        client("https://127.0.0.1", auth=Auth(AuthKind.GOOGLE))


@pytest.mark.parametrize(
    ("auth", "words"),
    [
        (BASIC, "environment variable PACS_PASSWORD for 'password' is not set"),
        (Auth(AuthKind.BASIC), "no environment variable is named for 'password'"),
        (Auth(AuthKind.BEARER, secrets=(("token", "PACS_TOKEN"),)), "PACS_TOKEN"),
        (Auth(AuthKind.OAUTH), "the setting 'token_url' is missing"),
        (SIGV4, "AWS_ACCESS_KEY_ID"),
    ],
)
def test_missing_settings_and_secrets_are_named_before_anything_is_sent(auth, words):
    with pytest.raises(UsageError, match=words):
        client("https://127.0.0.1", auth=auth)


@pytest.mark.parametrize(
    ("auth", "package", "extra"), [(SIGV4, "botocore", "aws"), (Auth(AuthKind.GOOGLE), "google", "google")]
)
def test_missing_extra_says_what_to_install(auth, package, extra, monkeypatch):
    real = builtins.__import__

    def without(name, *arguments, **rest):
        if name.split(".")[0] == package:
            raise ImportError(name)
        return real(name, *arguments, **rest)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(EnvironmentProblem, match=rf"pip install pytest-pacs\[{extra}\]"):
        client("https://127.0.0.1", auth=auth, environ=ENVIRON)


@pytest.mark.parametrize("service", ["basic", "token", "sigv4"], indirect=True)
def test_no_secret_is_in_any_message_log_or_repr(service, object_file, tmp_path, caplog):
    environ = ENVIRON | {"AWS_SESSION_TOKEN": "s3ssion-token"}
    said = []
    with caplog.at_level(logging.DEBUG):
        with client(service.base, auth=kinds(service)[service.rules.auth], environ=environ) as web:
            # A service that repeats in its error page what the caller sent.
            service.rules.answer = (500, "text/plain", "you sent {authorization}")
            said += [web.store(object_file, STUDY), web.retrieve(STUDY, SERIES, INSTANCE, tmp_path / "in")]
            service.rules.answer = None
            service.rules.token_uses = 0
            said += [web.store(object_file, STUDY), web, vars(web)]
        for secret in environ:
            try:
                client(service.base, auth=kinds(service)[service.rules.auth], environ=environ | {secret: ""}).close()
            except UsageError as error:
                said.append(str(error))
    everything = repr(said) + caplog.text
    assert "you sent" in everything
    for secret in {
        CLIENT_SECRET,
        PASSWORD,
        SECRET_KEY,
        "s3ssion-token",
        *service.issued,
        *web._connection._auth._hidden,
    }:
        assert secret not in everything
