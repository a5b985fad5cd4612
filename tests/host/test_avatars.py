"""The picture of a rep, from Saleor's own thumbnails, at an address that does not tell whose it is."""

PRELUDE = """
import base64, io, tempfile
from django.core.files.base import ContentFile
from django.test import override_settings
from PIL import Image
from saleor.account.models import User
from saleor.thumbnail.models import Thumbnail
from saleor_livesales import shop
from saleor_livesales.host.keys import global_id

drawn = io.BytesIO()
Image.new("RGB", (600, 400), "#a05c86").save(drawn, "PNG")
rep = User.objects.get(email="rep@example.com")
address = lambda user=rep: shop.current().staff_avatar(global_id("User", user.pk))

def paint(name, content=None):
    rep.thumbnails.all().delete()  # as userAvatarUpdate does
    rep.avatar.save(name, ContentFile(content or drawn.getvalue()))
"""


def test_the_picture_is_a_thumbnail_that_is_made_once(host, private):
    code = (
        PRELUDE
        + """
with tempfile.TemporaryDirectory() as folder, override_settings(MEDIA_ROOT=folder):
    nothing = address()
    paint("anna.png")
    first, second = address(), address()
    small = Image.open(f"{folder}/{first.partition('/media/')[2]}").size
    secrets = (str(rep.uuid), global_id("User", rep.uuid), global_id("User", rep.pk), rep.email)
    tells = [part in first for part in secrets]
    answer([nothing, first, first == second, small, tells, Thumbnail.objects.filter(user=rep).count()])
"""
    )
    nothing, first, same, size, tells, thumbnails = host.run(code, env=host.env(private))
    assert nothing is None
    assert first.startswith("http")
    assert "/media/thumbnails/" in first
    assert (same, size, tells, thumbnails) == (True, [128, 85], [False] * 4, 1)


def test_no_address_where_there_is_no_picture_of_staff_or_it_would_tell(host, private):
    code = (
        PRELUDE
        + """
with tempfile.TemporaryDirectory() as folder, override_settings(MEDIA_ROOT=folder):
    paint("broken.png", b"no picture at all")
    broken = address()
    paint("gone.png")
    rep.avatar.storage.delete(rep.avatar.name)
    gone = address()
    paint(f"{rep.email}.png")
    telling = address()
    paint("anna.png")
    assert address()
    User.objects.filter(pk=rep.pk).update(is_staff=False)
    customer = address()
    unknown = [shop.current().staff_avatar(key) for key in ("garbage", global_id("User", 2**70), global_id("App", 1))]
    answer([broken, gone, telling, customer, *unknown])
"""
    )
    assert host.run(code, env=host.env(private)) == [None] * 7
