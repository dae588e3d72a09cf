import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('cohorts', '0002_mail_refused_at'),
        ('portraits', '0002_questions'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='portrait',
            name='looked_after_by',
            field=models.ForeignKey(blank=True, help_text='The member of the comms group who goes to see them.', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='cohorts.student', verbose_name='looked after by'),
        ),
        migrations.AddField(
            model_name='portrait',
            name='nudges_off_at',
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name='wants no reminders since'),
        ),
        migrations.CreateModel(
            name='Contact',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('means', models.SlugField(choices=[('mail', 'mail'), ('sms', 'text message'), ('whatsapp', 'WhatsApp'), ('phone', 'telephone'), ('in_person', 'in person')], verbose_name='by which means')),
                ('at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='when')),
                ('note', models.CharField(blank=True, max_length=200, verbose_name='note')),
                ('by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='by')),
                ('portrait', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='contacts', to='portraits.portrait', verbose_name='portrait')),
            ],
            options={
                'verbose_name': 'contact',
                'verbose_name_plural': 'contacts',
                'ordering': ['-at', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='Rhythm',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('is_on', models.BooleanField(default=False, verbose_name='reminders are prepared')),
                ('every_days', models.PositiveSmallIntegerField(default=5, validators=[django.core.validators.MinValueValidator(2), django.core.validators.MaxValueValidator(30)], verbose_name='days between two reminders')),
                ('at_most', models.PositiveSmallIntegerField(default=3, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(3)], verbose_name='reminders at most')),
                ('looked_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='last looked for what to prepare')),
                ('told_on', models.DateField(blank=True, editable=False, null=True, verbose_name='group told of reminders to read')),
                ('promotion', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='rhythm', to='cohorts.promotion', verbose_name='promotion')),
            ],
            options={
                'verbose_name': 'rhythm of reminders',
                'verbose_name_plural': 'rhythms of reminders',
            },
        ),
        migrations.CreateModel(
            name='Nudge',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveSmallIntegerField(verbose_name='number')),
                ('about', models.SlugField(max_length=30, verbose_name='about')),
                ('subject', models.CharField(max_length=150, verbose_name='subject')),
                ('text', models.TextField(verbose_name='text')),
                ('state', models.SlugField(choices=[('proposed', 'to be read'), ('ready', 'leaves by itself'), ('sending', 'leaving'), ('sent', 'sent'), ('failed', 'could not leave'), ('cancelled', 'cancelled')], default='proposed', editable=False, verbose_name='state')),
                ('due_at', models.DateTimeField(verbose_name='leaves at')),
                ('claimed_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='began to leave at')),
                ('sent_at', models.DateTimeField(blank=True, null=True, verbose_name='sent at')),
                ('ended_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='settled at')),
                ('failure', models.CharField(blank=True, max_length=200, verbose_name='why it could not leave')),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='prepared at')),
                ('portrait', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='nudges', to='portraits.portrait', verbose_name='portrait')),
                ('read_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='read by')),
            ],
            options={
                'verbose_name': 'reminder',
                'verbose_name_plural': 'reminders',
                'ordering': ['due_at', 'pk'],
                'constraints': [models.UniqueConstraint(models.F('portrait'), condition=models.Q(('state__in', ['proposed', 'ready', 'sending'])), name='one_waiting_nudge_per_portrait')],
            },
        ),
        migrations.CreateModel(
            name='NudgeMove',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.SlugField(max_length=30, verbose_name='move')),
                ('source', models.SlugField(max_length=20, verbose_name='from')),
                ('target', models.SlugField(max_length=20, verbose_name='to')),
                ('version', models.PositiveIntegerField(default=0, verbose_name='version')),
                ('note', models.TextField(blank=True, verbose_name='note')),
                ('at', models.DateTimeField(auto_now_add=True, verbose_name='at')),
                ('by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='by')),
                ('record', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='moves', to='portraits.nudge', verbose_name='reminder')),
            ],
            options={
                'verbose_name': 'step of a reminder',
                'verbose_name_plural': 'steps of reminders',
                'ordering': ['at', 'pk'],
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='ResumeLink',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('digest', models.CharField(editable=False, max_length=64, unique=True, verbose_name='fingerprint of the link')),
                ('made_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='made at')),
                ('used_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='used at')),
                ('portrait', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='resume_links', to='portraits.portrait', verbose_name='portrait')),
            ],
            options={
                'verbose_name': 'personal link',
                'verbose_name_plural': 'personal links',
            },
        ),
        migrations.CreateModel(
            name='QuietPeriod',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('label', models.CharField(max_length=80, verbose_name='what for')),
                ('starts', models.DateField(verbose_name='first day')),
                ('ends', models.DateField(verbose_name='last day')),
                ('promotion', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='quiet_periods', to='cohorts.promotion', verbose_name='promotion')),
            ],
            options={
                'verbose_name': 'period without reminders',
                'verbose_name_plural': 'periods without reminders',
                'ordering': ['starts'],
                'constraints': [models.CheckConstraint(condition=models.Q(('ends__gte', models.F('starts'))), name='quiet_ends_after_it_starts')],
            },
        ),
    ]
