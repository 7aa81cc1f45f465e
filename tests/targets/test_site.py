"""What a site file may say, and what is refused in it."""

from pathlib import Path

import pytest

from harness.core.endpoint import Auth, AuthKind, Endpoint, Permission, Service, Timeouts, Tls
from harness.errors import DataFileError, UnknownName, UsageError
from harness.targets.site import NOT_TOLD, Site, read_site, sites_in, template, templates

#: Every system that needs a site file has a template.
SITE_SYSTEMS = {
    "philips-intellispace",
    "ge-centricity",
    "siemens-syngo-plaza",
    "fujifilm-synapse",
    "agfa-impax",
    "conquest",
    "clearcanvas",
    "google-healthcare",
    "aws-healthimaging",
    "azure-dicom",
}

FULL = """
product = "Some PACS"
vendor = "Somebody"
version = "4.4"

[dicom]
host = "pacs.example"
port = 11112
aet = "ARCHIVE"
calling_aet = "OURS"

[dicom.receiver]
aet = "RECEIVER"
host = "192.0.2.7"
port = 11113

[dicom.tls]
authorities = "ca.pem"
server_name = "pacs"

[dicom.timeouts]
answer = 300

[dicomweb]
base = "https://pacs.example/dicom-web/"
max_request = "4GB"

[dicomweb.auth]
kind = "oauth"

[dicomweb.auth.settings]
token_url = "https://id.example/token"

[dicomweb.auth.secrets]
client_id = "OUR_ID"
client_secret = "OUR_SECRET"

[allowed]
services = ["echo", "store"]
largest = "2GiB"
deletion = false
"""


def read(tmp_path: Path, text: str = FULL) -> Site:
    (tmp_path / "ca.pem").write_text("")
    path = tmp_path / "ward3.toml"
    path.write_text(text, encoding="utf-8")
    return read_site(path)


def test_every_key_arrives(tmp_path):
    site = read(tmp_path)
    assert (site.id, site.product, site.vendor, site.version) == ("ward3", "Some PACS", "Somebody", "4.4")
    assert site.endpoint == Endpoint(
        "pacs.example",
        11112,
        "ARCHIVE",
        calling_aet="OURS",
        receiver_aet="RECEIVER",
        receiver_host="192.0.2.7",
        receiver_port=11113,
        timeouts=Timeouts(answer=300.0),
        tls=Tls(authorities=str(tmp_path / "ca.pem"), server_name="pacs"),
    )
    assert site.web is not None
    assert site.web.base == "https://pacs.example/dicom-web"
    assert site.web.max_request == 4 * 10**9
    assert site.web.auth == Auth(
        AuthKind.OAUTH,
        settings=(("token_url", "https://id.example/token"),),
        secrets=(("client_id", "OUR_ID"), ("client_secret", "OUR_SECRET")),
    )
    assert site.permission == Permission(frozenset({Service.ECHO, Service.STORE}), largest=2 * 2**30)


def test_what_is_left_out_is_not_invented(tmp_path):
    start, end = FULL.index("[dicom.receiver]"), FULL.index("[allowed]")
    site = read(tmp_path, FULL[:start].replace('"4.4"', '""') + FULL[end:].replace('largest = "2GiB"', ""))
    assert site.version == NOT_TOLD
    assert site.endpoint is not None
    assert site.endpoint.receiver_aet is None
    assert site.endpoint.tls is None
    assert site.web is None
    assert site.permission.largest is None


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('host = "pacs.example"', 'host = "CHANGE-ME"', "dicom.host: still holds the placeholder CHANGE-ME"),
        ("port = 11112", 'port = "CHANGE-ME"', "dicom.port: still holds the placeholder"),
        ("pacs.example/dicom-web", "CHANGE-ME/dicom-web", "dicomweb.base: still holds the placeholder"),
        ("port = 11112", "port = 0", "dicom.port: is 0"),
        ('"ARCHIVE"', '"SEVENTEEN_LETTERS"', "dicom.aet: is 'SEVENTEEN"),
        ('"OURS"', '"A\\\\B"', "dicom.calling_aet: is"),
        ('"192.0.2.7"', '"0.0.0.0"', "dicom.receiver.host: is '0.0.0.0'; give the one address"),
        ('"ca.pem"', '"absent.pem"', "dicom.tls.authorities: names"),
        ('server_name = "pacs"', 'key = "ca.pem"', "dicom.tls.certificate: is missing"),
        ("answer = 300", "answer = 0", "dicom.timeouts.answer: is 0"),
        ("[dicom.tls]", "[dicom.tls]\nverify = false", "dicom.tls.verify: is not a known key"),
        ("https://pacs.example/dicom-web/", "http://pacs.example/dicom-web/", "dicomweb.base: is no https URL"),
        ("https://pacs.example/dicom-web/", "pacs.example", "dicomweb.base: is no http or https URL"),
        ("https://pacs.example/dicom-web/", "https://[pacs/", "dicomweb.base: is no URL"),
        ("https://pacs.example/dicom-web/", "https://pacs.example:99999/", "dicomweb.base: is no URL"),
        ("https://pacs.example/dicom-web/", "https://pacs.example/?t=S3CRET", "dicomweb.base: is no http or https URL"),
        ('"oauth"', '"kerberos"', "dicomweb.auth.kind: is 'kerberos'; give one of none, basic"),
        ('["echo", "store"]', '["echo", "print"]', "allowed.services: is 'print'"),
        ('"2GiB"', '"large"', "allowed.largest: 'large' is not a size"),
        ("deletion = false", "deletion = true", "allowed.deletion: is true"),
        ("[dicom.timeouts]", "[dicom.time]", "dicom.time: is not a known key"),
        ('product = "Some PACS"', "", "product: is missing"),
        ("[allowed]", "[alowed]", "allowed: is missing"),
    ],
)
def test_broken_file_is_named_with_its_key(tmp_path, old, new, problem):
    assert old in FULL
    with pytest.raises(DataFileError) as caught:
        read(tmp_path, FULL.replace(old, new, 1))
    assert str(caught.value).startswith(f"{tmp_path / 'ward3.toml'}: {problem}")


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ('"OUR_SECRET"', '"hunter-2"', "dicomweb.auth.secrets.client_secret"),
        (
            'token_url = "https://id.example/token"',
            'client_secret = "hunter-2"',
            "dicomweb.auth.settings.client_secret",
        ),
        ('kind = "oauth"', 'kind = "oauth"\npassword = "hunter-2"', "dicomweb.auth.password"),
        ('vendor = "Somebody"', 'vendor = "Somebody"\ntoken = "hunter-2"', "token"),
        ("https://pacs.example", "https://me:hunter-2@pacs.example", "dicomweb.base"),
    ],
)
def test_literal_secret_is_refused_and_not_repeated(tmp_path, old, new, key):
    assert old in FULL
    with pytest.raises(DataFileError) as caught:
        read(tmp_path, FULL.replace(old, new, 1))
    text = str(caught.value)
    assert f"ward3.toml: {key}: " in text
    assert "environment variable" in text
    assert "hunter-2" not in text


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ("https://id.example/token", "https://me:hunter-2@id.example/token", "dicomweb.auth.settings.token_url"),
        ("https://id.example/token", "http://id.example/hunter-2", "dicomweb.auth.settings.token_url"),
        ('token_url = "https://id.example/token"', 'pwd = "hunter-2"', "dicomweb.auth.settings.pwd"),
    ],
)
def test_setting_that_would_betray_a_secret_is_refused_and_not_repeated(tmp_path, old, new, key):
    assert old in FULL
    with pytest.raises(DataFileError) as caught:
        read(tmp_path, FULL.replace(old, new, 1))
    assert f"ward3.toml: {key}: " in str(caught.value)
    assert "hunter-2" not in str(caught.value)


def test_a_site_needs_a_way_to_be_reached(tmp_path):
    with pytest.raises(DataFileError, match=r"neither \[dicom\] nor \[dicomweb\]"):
        read(tmp_path, 'product = "P"\nvendor = "V"\n[allowed]\nservices = []\n')


def test_the_file_name_must_do_as_an_id(tmp_path):
    path = tmp_path / "ward 3.toml"
    path.write_text(FULL.replace('[dicom.tls]\nauthorities = "ca.pem"\nserver_name = "pacs"', ""))
    with pytest.raises(DataFileError, match="in the file name"):
        read_site(path)


def test_only_allowed_services_and_sizes_have_no_obstacle():
    permission = Permission(frozenset({Service.STORE}), largest=10)
    assert permission.obstacle(Service.STORE, 10) is None
    assert permission.obstacle(Service.STORE, 11) == "the object has 11 bytes and the site file allows 10 at most"
    assert permission.obstacle(Service.GET) == "the site file does not allow get; allowed: store"


def test_folder_of_sites_gives_them_by_name(tmp_path):
    (tmp_path / "a.toml").touch()
    (tmp_path / "b.toml").touch()
    (tmp_path / "notes.txt").touch()
    assert sites_in(tmp_path) == {"a": tmp_path / "a.toml", "b": tmp_path / "b.toml"}


def test_folder_without_sites_is_told(tmp_path):
    with pytest.raises(UsageError, match="holds no site file"):
        sites_in(tmp_path / "absent")


def test_every_site_system_has_a_template():
    assert set(templates()) == SITE_SYSTEMS


@pytest.mark.parametrize("name", sorted(SITE_SYSTEMS))
def test_template_asks_to_be_filled_in_and_then_loads(tmp_path, name):
    path = tmp_path / "mine.toml"
    path.write_text(template(name))
    with pytest.raises(DataFileError, match="still holds the placeholder CHANGE-ME"):
        read_site(path)
    path.write_text(template(name).replace('port = "CHANGE-ME"', "port = 104").replace("CHANGE-ME", "filled-in"))
    site = read_site(path)
    assert site.id == "mine"
    assert (site.endpoint is None) == (name in {"google-healthcare", "aws-healthimaging", "azure-dicom"})


def test_unknown_template_is_told_with_the_known():
    with pytest.raises(UnknownName, match="unknown template 'imaginary'; known: agfa-impax"):
        template("imaginary")
