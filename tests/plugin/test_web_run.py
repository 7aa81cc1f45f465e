"""A whole run against a site that speaks DICOMweb only, with tokens that end in mid-run, and what its files hold."""

import json

import pytest

from tests.clients.web_service import CLIENT_ID, CLIENT_SECRET, Rules, WebService

SITE = """
product = "Service"
vendor = "Nobody"

[allowed]
services = ["stow", "qido", "wado"]

[dicomweb]
base = "{base}"

[dicomweb.auth]
kind = "oauth"

[dicomweb.auth.settings]
token_url = "{root}/token"
client_id = "{client_id}"

[dicomweb.auth.secrets]
client_secret = "PACS_CLIENT_SECRET"
"""


#: What the service has not: DIMSE, and resources below an instance besides its metadata.
NOT_THERE = {"RET-GET", "RET-MOVE", "RET-BULK", "RET-URI", "RET-FILE", "RET-RAW", "WEB-TYPE", "WEB-RENDERED"}


@pytest.fixture
def run(pytester, tmp_path, monkeypatch):
    """Run the checks of one format against a service with these rules; returns its result, record and secrets."""

    def run(rules: Rules, secret: str = CLIENT_SECRET):
        monkeypatch.setenv("PACS_CLIENT_SECRET", secret)
        with WebService(tmp_path / "service", rules) as service:
            site = SITE.format(base=service.base, root=service.root, client_id=CLIENT_ID)
            (pytester.path / "cloud.toml").write_text(site)
            result = pytester.runpytest_subprocess("--pacs=cloud.toml", "-k", "h264_hp41 and not frag and not MiB")
        (folder,) = pytester.path.glob("reports/*")
        record = json.loads((folder / "run.json").read_text())
        texts = [path.read_bytes() for path in folder.rglob("*") if path.is_file()]
        texts += ["\n".join(result.outlines + result.errlines).encode()]
        assert len(texts) > 3
        leaked = [hidden for hidden in (secret, *service.issued) for text in texts if hidden.encode() in text]
        assert leaked == []
        return result, {one["cell"]["check"]: one for one in record["results"]}, service

    return run


def test_tokens_that_end_in_mid_run_do_not_disturb_it_and_no_file_holds_a_secret(run):
    result, results, service = run(Rules(auth="token", token_uses=1))
    outcomes = {id: one["outcome"] for id, one in results.items()}
    outcomes.pop("VAL-DCIODVFY", None)  # which needs a program that not every machine has
    missing = {id: "NOT_APPLICABLE" for id in outcomes if id.startswith("ASC-") or id in NOT_THERE}
    assert outcomes == dict.fromkeys(outcomes, "PASS") | missing, result.stdout.str()
    assert "RET-WADO" in outcomes
    assert len(service.issued) > 1
    assert result.ret == 0


def test_wrong_secret_decides_nothing_and_is_told_in_the_report(run):
    _, results, service = run(Rules(auth="token"), secret="wr0ng-secret-of-the-site")
    assert results["STO-ACK"]["outcome"] == "INCONCLUSIVE"
    assert "not authorised: the token endpoint 127.0.0.1 answered 401 invalid_client" in results["STO-ACK"]["reason"]
    assert list(service.folder.iterdir()) == []


def test_service_that_repeats_our_proof_in_its_answers_does_not_get_it_into_a_file(run):
    _, results, service = run(Rules(auth="token", answer=(500, "text/plain", "you sent {authorization}")))
    assert results["STO-ACK"]["outcome"] == "FAIL"
    assert "you sent Bearer [hidden]" in results["STO-ACK"]["reason"]
    assert service.issued
