
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('cohorts', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='student',
            name='mail_refused_at',
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name='mail comes back since'),
        ),
    ]
