import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('portraits', '0003_chasing'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Remark',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(verbose_name='version')),
                ('field', models.SlugField(choices=[('text', 'Text'), ('title', 'Title'), ('quote', 'Quote'), ('alt_text', 'Description of the photo'), ('photo', 'Photo'), ('whole', 'The whole portrait')], max_length=20, verbose_name='field')),
                ('start', models.PositiveIntegerField(verbose_name='from')),
                ('end', models.PositiveIntegerField(verbose_name='to')),
                ('passage', models.TextField(blank=True, verbose_name='passage')),
                ('text', models.TextField(verbose_name='remark')),
                ('is_internal', models.BooleanField(default=True, verbose_name='for the group only')),
                ('at', models.DateTimeField(auto_now_add=True, verbose_name='at')),
                ('resolved_at', models.DateTimeField(blank=True, null=True, verbose_name='resolved at')),
                ('by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='by')),
                ('portrait', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='remarks', to='portraits.portrait', verbose_name='portrait')),
                ('resolved_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='resolved by')),
            ],
            options={
                'verbose_name': 'remark',
                'verbose_name_plural': 'remarks',
                'ordering': ['at', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='RemarkAnswer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('text', models.TextField(verbose_name='answer')),
                ('at', models.DateTimeField(auto_now_add=True, verbose_name='at')),
                ('by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='by')),
                ('remark', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='answers', to='portraits.remark', verbose_name='remark')),
            ],
            options={
                'verbose_name': 'answer to a remark',
                'verbose_name_plural': 'answers to remarks',
                'ordering': ['at', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='Presence',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('seen_at', models.DateTimeField(verbose_name='seen at')),
                ('is_typing', models.BooleanField(default=False, verbose_name='is typing')),
                ('portrait', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='presences', to='portraits.portrait', verbose_name='portrait')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='person')),
            ],
            options={
                'verbose_name': 'presence',
                'verbose_name_plural': 'presences',
                'constraints': [models.UniqueConstraint(models.F('portrait'), models.F('user'), name='one_presence_per_person')],
            },
        ),
        migrations.CreateModel(
            name='WorkingCopy',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('read', models.PositiveIntegerField(verbose_name='version they read')),
                ('words', models.JSONField(default=dict, verbose_name='words')),
                ('at', models.DateTimeField(auto_now=True, verbose_name='at')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='by')),
                ('portrait', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='working_copies', to='portraits.portrait', verbose_name='portrait')),
            ],
            options={
                'verbose_name': 'working copy',
                'verbose_name_plural': 'working copies',
                'constraints': [models.UniqueConstraint(models.F('portrait'), models.F('by'), name='one_working_copy_per_person')],
            },
        ),
    ]
