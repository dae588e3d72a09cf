import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('cohorts', '0002_mail_refused_at'),
        ('portraits', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Questionnaire',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=0, editable=False, verbose_name='version')),
                ('arranged_in', models.PositiveIntegerField(default=0, editable=False, verbose_name='version of the order')),
                ('changed_at', models.DateTimeField(auto_now=True, verbose_name='changed at')),
                ('changed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='changed by')),
                ('promotion', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='questionnaire', to='cohorts.promotion', verbose_name='promotion')),
            ],
            options={
                'verbose_name': 'questionnaire',
                'verbose_name_plural': 'questionnaires',
            },
        ),
        migrations.CreateModel(
            name='PromotionQuestion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.SlugField(editable=False, max_length=30, verbose_name='key')),
                ('place', models.PositiveSmallIntegerField(default=0, verbose_name='place')),
                ('label', models.CharField(max_length=120, verbose_name='question')),
                ('help', models.CharField(blank=True, max_length=400, verbose_name='help')),
                ('missing', models.CharField(blank=True, max_length=80, verbose_name='words in “what is missing”')),
                ('limit', models.PositiveIntegerField(default=1200, validators=[django.core.validators.MinValueValidator(40), django.core.validators.MaxValueValidator(2000)], verbose_name='characters at most')),
                ('is_required', models.BooleanField(default=True, verbose_name='must be answered')),
                ('required_from', models.DateField(blank=True, null=True, verbose_name='optional until')),
                ('frozen_after', models.DateField(blank=True, null=True, verbose_name='frozen after')),
                ('is_retired', models.BooleanField(default=False, verbose_name='no longer asked')),
                ('changed_in', models.PositiveIntegerField(default=0, editable=False, verbose_name='changed in version')),
                ('promotion', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='questions', to='cohorts.promotion', verbose_name='promotion')),
            ],
            options={
                'verbose_name': 'question of a promotion',
                'verbose_name_plural': 'questions of promotions',
                'ordering': ['place', 'pk'],
                'constraints': [models.UniqueConstraint(models.F('promotion'), models.F('key'), name='one_question_per_key'), models.CheckConstraint(condition=models.Q(models.Q(('key', 'quote'), _negated=True), models.Q(('is_retired', False), ('limit__lte', 140)), _connector='OR'), name='the_quote_stays_and_stays_short')],
            },
        ),
    ]
