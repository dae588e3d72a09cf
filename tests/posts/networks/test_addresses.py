"""What somebody types leads to servers of the open internet only: names, numbers, resolvers that lie, certificates."""

import datetime
import ipaddress
import socket
import ssl
import threading

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from posts.networks import addresses
from posts.networks.base import Credentials, NotSent, Outcome, Refused
from posts.networks.transport import call

HOST = "instance-essai.fr"
PUBLIC = "93.184.215.14"

# What people type ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("piaille.fr", "https://piaille.fr"),
        (" Piaille.FR ", "https://piaille.fr"),
        ("https://piaille.fr/", "https://piaille.fr"),
        ("http://piaille.fr", "https://piaille.fr"),
        ("HTTPS://PIAILLE.FR:443/about?a=b#c", "https://piaille.fr"),
        ("piaille.fr.", "https://piaille.fr"),
        ("@inet@piaille.fr", "https://piaille.fr"),
        ("inet@piaille.fr", "https://piaille.fr"),
        ("https://piaille.fr/@inet", "https://piaille.fr"),
        ("https://piaille.fr/@inet@ena.fr/1", "https://piaille.fr"),
        ("social.école.fr", "https://social.xn--cole-9oa.fr"),
        ("xn--cole-9oa.fr", "https://xn--cole-9oa.fr"),
        ("a.b.c.example-1.org", "https://a.b.c.example-1.org"),
        ("exemple.xn--p1ai", "https://exemple.xn--p1ai"),
    ],
)
def test_server_as_people_type_it(typed, address):
    assert addresses.server_address(typed) == address


HOSTILE_NAMES = [
    "",
    " ",
    "@",
    "@inet",
    "@inet@",
    "piaille",
    "localhost",
    "localhost.",
    "a.localhost",
    "localhost.localdomain",
    "imprimante.local",
    "intranet.corp",
    "routeur.home.arpa",
    "metadata.google.internal",
    "x.onion",
    "a.test",
    # IPv4, in the notations that some parser reads as one
    "127.0.0.1",
    "127.1",
    "127.0.1",
    "0",
    "0.0.0.0",
    "2130706433",
    "0x7f000001",
    "0x7f.0x0.0x0.0x1",
    "0177.0.0.1",
    "017700000001",
    "169.254.169.254",
    "169.254.169.254.",
    "0xa9fea9fe",
    "2852039166",
    "192.168.1.1",
    "10.0.0.1",
    "93.184.215.14",
    "１２７.０.０.１",
    "127。0。0。1",
    "①②⑦.⓪.⓪.①",
    # IPv6
    "::1",
    "[::1]",
    "[::]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[64:ff9b::7f00:1]",
    "[2002:7f00:1::]",
    "[fe80::1%25eth0]",
    "[fd00:ec2::254]",
    # other doors of a machine
    "piaille.fr:22",
    "piaille.fr:80",
    "piaille.fr:8443",
    "piaille.fr:0",
    "piaille.fr:99999",
    "piaille.fr:443:80",
    "piaille.fr:+443",
    # other ways in
    "ftp://piaille.fr",
    "file:///etc/passwd",
    "gopher://piaille.fr",
    "javascript:alert(1)",
    "//piaille.fr",
    "https:piaille.fr",
    "https:/piaille.fr",
    "https:///piaille.fr",
    "https://",
    # names that hide the true one
    "https://piaille.fr@127.0.0.1/",
    "https://user@piaille.fr/",
    "https://user:secret@piaille.fr/",
    "https://piaille.fr\\@127.0.0.1/",
    "piaille.fr\\.evil.fr",
    "piaille.fr%00.evil.fr",
    "piaille.fr%2f.evil.fr",
    "pia ille.fr",
    "pia\tille.fr",
    "pia\r\nille.fr",
    "piaille.fr\r\nX-Header: 1",
    "piaille\x00.fr",
    "https://straße.de",
    "faß.de",
    # no names
    "a..fr",
    ".fr",
    "-a.fr",
    "a-.fr",
    "a_b.fr",
    "a.f",
    "a.123",
    "a.1x",
    "x" * 64 + ".fr",
    ".".join(["abcdefgh"] * 30) + ".fr",
]


@pytest.mark.parametrize("typed", HOSTILE_NAMES)
def test_server_that_is_none_is_refused_in_words(typed):
    with pytest.raises(Refused) as caught:
        addresses.server_address(typed)
    assert (caught.value.reason, caught.value.message) == ("no-server-address", addresses.NOT_A_SERVER)


# The first gate, at each call ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        "https://piaille.fr/api",
        "https://piaille.fr:443/api",
        "https://PIAILLE.fr",
        "https://xn--cole-9oa.fr/x?y",
    ],
)
def test_address_of_a_server_passes(url):
    assert addresses.check(url) is None


HOSTILE_URLS = [
    "http://piaille.fr/",
    "https://piaille.fr:8443/",
    "https://piaille.fr:80/",
    "https://piaille.fr./",
    "https://user@piaille.fr/",
    "https://127.0.0.1/",
    "https://127.1/",
    "https://2130706433/",
    "https://0x7f000001/",
    "https://0177.0.0.1/",
    "https://169.254.169.254/latest/meta-data/",
    "https://93.184.215.14/",
    "https://[::1]/",
    "https://[::ffff:169.254.169.254]/",
    "https://[64:ff9b::a9fe:a9fe]/",
    "https://[2606:2800:220:1:248:1893:25c8:1946]/",
    "https://localhost/",
    "https://a.localhost/",
    "https://machine/",
    "https://metadata.google.internal/",
    "ftp://piaille.fr/",
    "//piaille.fr/",
    "piaille.fr",
    "https:///x",
    "https://piaille.fr:99999/",
    "https://pia ille.fr/",
    "",
]


@pytest.mark.parametrize("url", HOSTILE_URLS)
def test_address_that_is_not_a_servers_does_not_pass(url):
    with pytest.raises(Refused) as caught:
        addresses.check(url)
    assert (caught.value.reason, caught.value.message) == ("not-public", addresses.NOT_PUBLIC)


@pytest.mark.parametrize("url", HOSTILE_URLS)
def test_transport_goes_nowhere_near_it(url, monkeypatch):
    asked = []
    monkeypatch.setattr(socket, "getaddrinfo", lambda *arguments, **_options: asked.append(arguments) or [])
    with pytest.raises(Refused):
        to(url, url=url)
    assert asked == []


def test_operators_own_address_need_not_be_public():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        with pytest.raises(Outcome) as caught:
            to(url, url=url, is_public=False, seconds=0.3)
    assert caught.value.reason == "out-of-time"


# The second gate: what the name stands for -----------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    [PUBLIC, "1.1.1.1", "8.8.8.8", "2606:2800:220:1:248:1893:25c8:1946", "2a00:1450:4007:80c::200e"],
)
def test_number_of_the_open_internet(address):
    assert addresses.is_public(address) is True


CLOSED = [
    "0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.100.100.200", "100.127.255.254", "127.0.0.1",
    "127.8.8.8", "169.254.0.1", "169.254.169.254", "172.16.0.1", "172.31.255.254", "192.0.0.1", "192.0.0.192", "192.0.2.1",
    "192.31.196.1", "192.52.193.1", "192.88.99.1", "192.168.0.1", "192.175.48.1", "198.18.0.1", "198.19.255.254", "198.51.100.7",
    "203.0.113.7", "224.0.0.1", "232.1.1.1", "239.255.255.255", "240.0.0.1", "255.255.255.255", "168.63.129.16",
    "::", "::1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::808:808", "64:ff9b:1::1",
    "100::1", "2001::1", "2001:0:7f00:1::", "2001:2::1", "2001:10::1", "2001:20::1", "2001:db8::1", "2002:7f00:1::",
    "2002:808:808::1", "3fff::1", "5f00::1", "2620:4f:8000::1", "4000::1", "fc00::1", "fd00:ec2::254", "fd20:ce::254",
    "fe80::1", "fe80::1%eth0", "2606:2800::1%1", "fec0::1", "ff02::1", "ff0e::1", "localhost", "", "1", "0x7f.1", "127.1", "01.1.1.1",
]  # fmt: skip


@pytest.mark.parametrize("address", CLOSED)
def test_number_that_is_not_of_the_open_internet(address):
    assert addresses.is_public(address) is False


def test_whole_networks_are_closed_to_their_last_number():
    edges = [each for network in addresses.CLOSED for each in (network[0], network[-1])]
    assert [str(each) for each in edges if addresses.is_public(str(each))] == []


# The resolver, and the third gate --------------------------------------------------------------------


class Resolver:
    """Stands in for the machine's own: says what a test wants, and counts how often it is asked."""

    def __init__(self, *answers):
        self.answers, self.asked = list(answers), []

    def __call__(self, host, port, family=0, type=0, proto=0, flags=0):  # noqa: A002
        self.asked.append(host)
        numbers = self.answers[min(len(self.asked), len(self.answers)) - 1]
        return [
            (
                socket.AF_INET6 if ":" in number else socket.AF_INET,
                socket.SOCK_STREAM,
                6,
                "",
                (number, port, 0, 0) if ":" in number else (number, port),
            )
            for number in numbers
        ]


@pytest.fixture
def connected(monkeypatch):
    """Where sockets went; nothing leaves this machine. `led` says where each number really leads."""

    class Connected(list):
        led: dict = {}

    went, real = Connected(), socket.socket.connect

    def connect(self, address):
        went.append(address)
        if address[0] not in went.led:
            raise ConnectionRefusedError(111, "nobody there")
        # A socket of the other family could not go to 127.0.0.1.
        real(self, went.led[address[0]])

    monkeypatch.setattr(socket.socket, "connect", connect)
    return went


def resolve(monkeypatch, *answers):
    resolver = Resolver(*answers)
    monkeypatch.setattr(socket, "getaddrinfo", resolver)
    return resolver


def to(target, *, url=f"https://{HOST}", is_public=True, seconds=5):
    credentials = Credentials(url, "token-abc", "1", is_public=is_public)
    return call("POST", target, credentials=credentials, domain="", body=b"{}", seconds=seconds)


@pytest.mark.parametrize(
    "numbers",
    [
        ["127.0.0.1"],
        ["169.254.169.254"],
        ["::1"],
        ["64:ff9b::a9fe:a9fe"],
        [PUBLIC, "10.0.0.1"],
        ["10.0.0.1", PUBLIC],
        [PUBLIC, "::ffff:10.0.0.1"],
        [PUBLIC] * 20 + ["192.168.1.1"],
    ],
)
def test_name_with_a_single_closed_number_is_refused_before_any_connection(monkeypatch, connected, numbers):
    resolve(monkeypatch, numbers)
    with pytest.raises(Refused) as caught:
        to(f"https://{HOST}/api")
    assert (caught.value.reason, caught.value.message, connected) == ("not-public", addresses.NOT_PUBLIC, [])


def test_name_is_looked_up_once_and_that_very_number_is_called(monkeypatch, connected):
    """A resolver that would lie the second time has no second time."""
    resolver = resolve(monkeypatch, [PUBLIC], ["127.0.0.1"])
    with pytest.raises(NotSent):
        to(f"https://{HOST}/api")
    assert (resolver.asked, connected) == ([HOST], [(PUBLIC, 443)])


def test_name_that_leads_elsewhere_at_the_next_call_is_refused(monkeypatch, connected):
    resolve(monkeypatch, [PUBLIC], ["127.0.0.1"])
    with pytest.raises(NotSent):
        to(f"https://{HOST}/api")
    with pytest.raises(Refused):
        to(f"https://{HOST}/api")
    assert connected == [(PUBLIC, 443)]


def test_each_number_is_tried_in_turn(monkeypatch, connected):
    resolve(monkeypatch, ["8.8.8.8", "1.1.1.1"])
    with pytest.raises(NotSent):
        to(f"https://{HOST}/api")
    assert connected == [("8.8.8.8", 443), ("1.1.1.1", 443)]


def test_name_that_nobody_knows_is_not_sent(monkeypatch):
    def unknown(*_arguments, **_options):
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(NotSent):
        to(f"https://{HOST}/api")


def test_name_without_a_number_is_not_sent(monkeypatch, connected):
    resolve(monkeypatch, [])
    with pytest.raises(NotSent):
        to(f"https://{HOST}/api")
    assert connected == []


# TLS: the name stays the name ------------------------------------------------------------------------


def certificate(name, folder):
    """A certificate for this name, signed by itself: (file with it and its key, file with it alone)."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "essai")])
    now = datetime.datetime.now(datetime.UTC)
    alternatives = [x509.DNSName(name), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    signed = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(alternatives), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
        .sign(key, hashes.SHA256())
    )
    pem = signed.public_bytes(serialization.Encoding.PEM)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    both, alone = folder / "both.pem", folder / "alone.pem"
    both.write_bytes(pem + private)
    alone.write_bytes(pem)
    return both, alone


@pytest.fixture
def instance(tmp_path, monkeypatch, connected):
    """A function: a server over TLS that PUBLIC leads to, with a certificate for `name`. What it was asked, name first."""

    heard, listeners = [], []

    def start(name, *, is_trusted=True):
        both, alone = certificate(name, tmp_path)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(both)
        context.sni_callback = lambda _socket, asked, _context: heard.append(asked)
        if is_trusted:
            monkeypatch.setattr("requests.adapters.DEFAULT_CA_BUNDLE_PATH", str(alone))
        listener = socket.create_server(("127.0.0.1", 0))
        listeners.append(listener)
        connected.led = {PUBLIC: listener.getsockname()}

        def serve():
            try:
                with context.wrap_socket(listener.accept()[0], server_side=True) as connection:
                    asked = connection.recv(65536)
                    # Its body comes in a packet of its own: closing before it is read would break off the answer.
                    while not asked.endswith(b"{}"):
                        asked += connection.recv(65536)
                    heard.append(asked)
                    connection.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n{"id": "7"}')
            except OSError:
                """The other side did not like the certificate."""

        threading.Thread(target=serve, daemon=True).start()
        return heard

    yield start
    for listener in listeners:
        listener.close()


def test_server_with_the_right_certificate_is_spoken_to(monkeypatch, connected, instance):
    heard = instance(HOST)
    resolve(monkeypatch, [PUBLIC])
    answer = to(f"https://{HOST}/api/v1/statuses")
    assert (answer.json(), heard[0], connected) == ({"id": "7"}, HOST, [(PUBLIC, 443)])
    assert f"Host: {HOST}\r\n".encode() in heard[1]


@pytest.mark.parametrize(("name", "is_trusted"), [("autre-nom.fr", True), (HOST, False)])
def test_server_with_another_certificate_hears_nothing(monkeypatch, instance, name, is_trusted):
    heard = instance(name, is_trusted=is_trusted)
    resolve(monkeypatch, [PUBLIC])
    with pytest.raises(NotSent):
        to(f"https://{HOST}/api/v1/statuses")
    assert heard == [HOST]
