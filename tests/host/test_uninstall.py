"""Saleor without this package, after it was used."""

from .saleor import Web

GROUPS = "{ permissionGroups(first: 100) { edges { node { name permissions { code } } } } }"
APPS = "{ apps(first: 20) { edges { node { name } } } appExtensions(first: 20) { edges { node { label } } } }"


def test_uninstalled(host, private):
    """After ``manage.py livesales uninstall`` nothing reminds of us, groups and apps included."""
    done = host.manage("livesales", "uninstall", "--drop-tables", env=host.env(private))
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.splitlines()[-1].startswith("Now run `pip uninstall saleor-livesales`")
    web = Web(host, host.env(private, DJANGO_SETTINGS_MODULE="sandbox.saleor.bare"))
    try:
        admin = web.sign_in("admin@example.com", "admin")
        groups = {
            edge["node"]["name"]: edge["node"]["permissions"]
            for edge in web.data(GROUPS, token=admin)["permissionGroups"]["edges"]
        }
        assert groups["Live sales reps"] == []
        assert web.data(APPS, token=admin) == {"apps": {"edges": []}, "appExtensions": {"edges": []}}
        create = """mutation { checkoutCreate(input: {channel: "default-channel", lines: []}) {
          checkout { id } errors { message } } }"""
        assert web.data(create)["checkoutCreate"]["errors"] == []
        assert "liveRep" not in str(web.data("{ __schema { queryType { fields { name } } } }"))
    finally:
        web.stop()
    import psycopg

    with psycopg.connect(host.postgres.url(private)) as connection:
        left = connection.execute(
            "SELECT (SELECT count(*) FROM information_schema.tables WHERE table_name LIKE 'saleor_livesales%'),"
            " (SELECT count(*) FROM django_content_type WHERE app_label = 'saleor_livesales'),"
            " (SELECT count(*) FROM plugins_pluginconfiguration WHERE identifier = 'saleor.livesales')"
        ).fetchone()
    assert left == (0, 0, 0)


def test_gone_without_a_word(host, private):
    """The package is removed and nobody told Saleor: it starts, sells, and shows what it showed."""
    web = Web(host, host.env(private, DJANGO_SETTINGS_MODULE="sandbox.saleor.bare"))
    try:
        admin = web.sign_in("admin@example.com", "admin")
        create = """mutation { checkoutCreate(input: {channel: "default-channel", lines: []}) {
          checkout { id } errors { message } } }"""
        assert web.data(create)["checkoutCreate"]["errors"] == []
        assert web.data("{ apps(first: 1) { totalCount } }", token=admin)["apps"]["totalCount"] == 1
        assert web.get("/plugins/saleor.livesales/livesales.js")[0] == 404
    finally:
        web.stop()
