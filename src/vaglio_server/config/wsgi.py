"""What the web server calls."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vaglio_server.config.settings")
application = get_wsgi_application()

from vaglio_server.web.warming import serve_pages  # noqa: E402 - the apps are loaded by now

serve_pages()
