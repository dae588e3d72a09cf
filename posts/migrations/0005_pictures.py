import django.db.models.deletion
from django.db import migrations, models

PICTURES = [
    ("photo", "the photo"),
    ("portrait", "the card, upright (1080 × 1350)"),
    ("square", "the card, square (1200 × 1200)"),
    ("carousel", "the carousel (PDF to leaf through)"),
]


class Migration(migrations.Migration):
    dependencies = [
        ("portraits", "0005_cards"),
        ("posts", "0004_disowned"),
    ]

    operations = [
        migrations.AddField(
            model_name="variant",
            name="picture",
            field=models.SlugField(choices=PICTURES, default="photo", verbose_name="picture"),
        ),
        migrations.AddField(
            model_name="delivery",
            name="picture",
            field=models.SlugField(choices=PICTURES, default="photo", verbose_name="picture"),
        ),
        migrations.AddField(
            model_name="delivery",
            name="card",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="deliveries",
                to="portraits.card",
                verbose_name="card",
            ),
        ),
        migrations.AddField(
            model_name="delivery",
            name="document_title",
            field=models.CharField(blank=True, max_length=400, verbose_name="title of the document"),
        ),
        migrations.AlterField(
            model_name="delivery",
            name="alt_text",
            field=models.TextField(blank=True, verbose_name="description of the picture"),
        ),
        migrations.AlterField(
            model_name="delivery",
            name="image",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="portraits.rendition",
                verbose_name="photo",
            ),
        ),
    ]
