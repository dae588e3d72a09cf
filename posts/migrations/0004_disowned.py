from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('posts', '0003_connections'),
    ]

    operations = [
        migrations.AddField(
            model_name='delivery',
            name='disowned_at',
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name='to be taken down if it appears, since'),
        ),
    ]
