from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('portraits', '0006_consents'),
    ]

    operations = [
        migrations.AddField(
            model_name='portrait',
            name='counts_in_balance',
            field=models.BooleanField(default=True, verbose_name='counts in the balance'),
        ),
        migrations.AddField(
            model_name='portrait',
            name='host_kind',
            field=models.SlugField(blank=True, choices=[('city', 'a city or a village'), ('intercity', 'a metropolis or a group of municipalities'), ('department', 'a department'), ('region', 'a region'), ('other', 'another body')], verbose_name='kind of internship host'),
        ),
    ]
