"""How static files are served: compressed, under names that change with what they hold."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class StaticFiles(CompressedManifestStaticFilesStorage):
    """Also what a script imports is named so: without, an old script could meet a new one."""

    support_js_module_import_aggregation = True
