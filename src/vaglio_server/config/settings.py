"""Django's settings; everything an operator can change is in :mod:`vaglio_server.config.env`."""

from vaglio_server.config import env

SECRET_KEY = env.secret_key()
DEBUG = env.VAGLIO_DEBUG.read() == "1"
ALLOWED_HOSTS = [host.strip() for host in env.VAGLIO_HOSTS.read().split(",") if host.strip()]
ROOT_URLCONF = "vaglio_server.config.urls"
WSGI_APPLICATION = "vaglio_server.config.wsgi.application"
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "vaglio_server.users",
    "vaglio_server.crm",
    "vaglio_server.tracking",
    "vaglio_server.scoring",
]
MIDDLEWARE = [
    "vaglio_server.api.cors.open_intake",
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "CONN_MAX_AGE": None,
        # A database that was restarted is noticed before a request is answered with an error.
        "CONN_HEALTH_CHECKS": True,
        # One that hangs is not waited for: the client is told to come again [s].
        "OPTIONS": {"connect_timeout": 5},
        **env.database(),
    }
}
AUTH_USER_MODEL = "users.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
# The intake has a limit of its own, which answers 413.
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
APPEND_SLASH = False
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"stderr": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
}
