import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('cohorts', '0002_mail_refused_at'),
        ('portraits', '0005_cards'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='consent',
            name='reminded_at',
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name='reminded of its end at'),
        ),
        migrations.AddField(
            model_name='consent',
            name='ended_with',
            field=models.CharField(blank=True, max_length=120, verbose_name='proof of identity at its end'),
        ),
        migrations.AlterField(
            model_name='consent',
            name='end',
            field=models.SlugField(blank=True, choices=[('replaced', 'replaced by a newer one'), ('withdrawn', 'withdrawn'), ('lapsed', 'its time was over'), ('photo', 'somebody else in the photo did not agree')], verbose_name='why it ended'),
        ),
        migrations.CreateModel(
            name='Appearance',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('source_sha256', models.CharField(db_index=True, max_length=64, verbose_name='fingerprint of the photo')),
                ('answer', models.SlugField(choices=[('asked', 'has not answered yet'), ('agreed', 'agrees'), ('refused', 'does not agree'), ('not_me', 'is not in it')], default='asked', editable=False, verbose_name='answer')),
                ('terms', models.TextField(blank=True, verbose_name='terms shown')),
                ('language', models.CharField(blank=True, max_length=5, verbose_name='language of the screen')),
                ('answered_with', models.CharField(blank=True, max_length=120, verbose_name='proof of identity')),
                ('added_at', models.DateTimeField(auto_now_add=True, verbose_name='added at')),
                ('answered_at', models.DateTimeField(blank=True, null=True, verbose_name='answered at')),
                ('ended_at', models.DateTimeField(blank=True, null=True, verbose_name='taken back at')),
                ('ended_with', models.CharField(blank=True, max_length=120, verbose_name='proof of identity at its end')),
                ('added_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='added by')),
                ('portrait', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='appearances', to='portraits.portrait', verbose_name='portrait')),
                ('student', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='appearances', to='cohorts.student', verbose_name='student')),
            ],
            options={
                'verbose_name': 'person in a photo',
                'verbose_name_plural': 'people in photos',
                'ordering': ['student__last_name', 'student__first_name'],
                'constraints': [
                    models.UniqueConstraint(models.F('portrait'), models.F('source_sha256'), models.F('student'), name='one_appearance_per_photo_and_person'),
                    models.CheckConstraint(condition=models.Q(models.Q(('answer', 'agreed'), _negated=True), models.Q(('terms', ''), _negated=True), _connector='OR'), name='agreed_means_terms_were_shown'),
                ],
            },
        ),
    ]
