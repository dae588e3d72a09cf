import django.core.validators
import django.db.models.deletion
import portraits.models.photo
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('cohorts', '0002_mail_refused_at'),
        ('portraits', '0004_studio'),
    ]

    operations = [
        migrations.CreateModel(
            name='CardStyle',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('layout', models.SlugField(choices=[('band', 'band'), ('full', 'full picture'), ('frame', 'frame')], default='band', verbose_name='layout')),
                ('colour', models.CharField(blank=True, max_length=7, validators=[django.core.validators.RegexValidator('^#[0-9A-Fa-f]{6}$', 'Write the colour as # and six digits, for example #0E5A63.')], verbose_name='colour')),
                ('second_colour', models.CharField(blank=True, max_length=7, validators=[django.core.validators.RegexValidator('^#[0-9A-Fa-f]{6}$', 'Write the colour as # and six digits, for example #0E5A63.')], verbose_name='second colour')),
                ('logo', models.FileField(blank=True, upload_to=portraits.models.photo.random_name, verbose_name='logo')),
                ('shows_track', models.BooleanField(default=True, verbose_name='says the track')),
                ('shows_hashtag', models.BooleanField(default=True, verbose_name='says the hashtag')),
                ('promotion', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='card_style', to='cohorts.promotion', verbose_name='promotion')),
            ],
            options={
                'verbose_name': 'style of cards',
                'verbose_name_plural': 'styles of cards',
            },
        ),
        migrations.CreateModel(
            name='Card',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.SlugField(choices=[('portrait', 'card 1080 × 1350'), ('square', 'card 1200 × 1200'), ('carousel', 'carousel (PDF)'), ('share', 'picture of a shared link')], verbose_name='kind')),
                ('recipe', models.CharField(max_length=64, verbose_name='recipe')),
                ('file', models.FileField(upload_to=portraits.models.photo.random_name, verbose_name='file')),
                ('content_type', models.CharField(max_length=20, verbose_name='content type')),
                ('width', models.PositiveIntegerField(default=0, verbose_name='width')),
                ('height', models.PositiveIntegerField(default=0, verbose_name='height')),
                ('pages', models.PositiveSmallIntegerField(default=1, verbose_name='pages')),
                ('sha256', models.CharField(max_length=64, verbose_name='fingerprint')),
                ('alt_text', models.TextField(blank=True, verbose_name='description')),
                ('names', models.TextField(blank=True, editable=False, verbose_name='names that it says')),
                ('made_at', models.DateTimeField(auto_now_add=True, verbose_name='made at')),
                ('version', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='cards', to='portraits.portraitversion', verbose_name='version')),
            ],
            options={
                'verbose_name': 'card',
                'verbose_name_plural': 'cards',
                'constraints': [models.UniqueConstraint(models.F('version'), models.F('kind'), models.F('recipe'), name='one_card_per_recipe')],
            },
        ),
    ]
