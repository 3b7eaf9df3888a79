"""Django's settings; everything an operator can change is in :mod:`vaglio_server.config.env`."""

import logging
from pathlib import Path

from csp.constants import NONE, SELF

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
    "django.contrib.postgres",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "django.contrib.humanize",
    "vaglio_server.users",
    "vaglio_server.crm",
    "vaglio_server.tracking",
    "vaglio_server.campaigns",
    "vaglio_server.scoring",
    "vaglio_server.lifecycle",
    "vaglio_server.imports",
    "vaglio_server.views",
    "vaglio_server.forms",
    "vaglio_server.duplicates",
    "vaglio_server.studies",
    "vaglio_server.connectors",
    "vaglio_server.privacy",
]
MIDDLEWARE = [
    "vaglio_server.api.cors.open_intake",
    "vaglio_server.web.away.say_so",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
WEB = Path(__file__).resolve().parents[1] / "web"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [WEB / "templates"],  # before those of allauth, whose look is ours
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "vaglio_server.web.context.frame",
            ],
            "builtins": [
                "django.templatetags.i18n",
                "django.templatetags.static",
                "vaglio_server.web.words",
                "vaglio_server.web.terms",
                "vaglio_server.web.writers",
            ],
        },
    }
]
# Ready models: in the distribution beside the code, in a clone at its top.
_SHIPPED = WEB.parent / "ready_models"
READY_MODELS = _SHIPPED if _SHIPPED.exists() else WEB.parents[2] / "models"
# Built by `make setup` from web/assets; the distribution ships them built.
STATIC_URL = "static/"
STATICFILES_DIRS = [WEB / "built"] if (WEB / "built").exists() else []
STATIC_ROOT = WEB / "static"
STORAGES = {"staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}}
# Sign-in attempts are counted here, by all web processes together.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "vaglio_cache"}}
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
_DATABASE = env.database()
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "CONN_MAX_AGE": None,
        # A database that was restarted is noticed before a request is answered with an error.
        "CONN_HEALTH_CHECKS": True,
        **_DATABASE,
        # One that hangs is not waited for: the client is told to come again [s].
        "OPTIONS": {"connect_timeout": 5, **_DATABASE["OPTIONS"]},
    }
}
AUTH_USER_MODEL = "users.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator", "NumericPasswordValidator")
]
# The first is how they are kept; who has one that was kept otherwise, and signs in, has it kept so from then on.
PASSWORD_HASHERS = ["vaglio_server.config.passwords.Argon2", "django.contrib.auth.hashers.PBKDF2PasswordHasher"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "vaglio_server.web.sign_in.Adapter"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_FORMS = {"login": "vaglio_server.web.sign_in.LoginForm"}
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Vaglio"
MFA_ALLOW_UNVERIFIED_EMAIL = True  # addresses are given by an administrator
DEMO = env.VAGLIO_DEMO.read() == "1"
DEMO_MAILS = str(env.home() / "mails")
PROXIES = env.whole_number(env.VAGLIO_PROXIES)
UNCONFIRMED_DAYS = env.whole_number(env.VAGLIO_UNCONFIRMED_DAYS)
_MAIL = env.mail()
EMAIL_HOST = _MAIL.host if _MAIL else ""
EMAIL_PORT = _MAIL.port if _MAIL else 0
EMAIL_HOST_USER = _MAIL.user if _MAIL else ""
EMAIL_HOST_PASSWORD = _MAIL.password if _MAIL else ""
EMAIL_USE_TLS = _MAIL is not None and _MAIL.is_upgraded
EMAIL_USE_SSL = _MAIL is not None and _MAIL.is_encrypted
EMAIL_TIMEOUT = 20  # [s]
DEFAULT_FROM_EMAIL = env.VAGLIO_MAIL_FROM.read()
CAN_MAIL = _MAIL is not None
ADDRESS = env.address()
WEBHOOK_HOSTS = env.webhook_hosts()
# By HTTPS, through a proxy in front: cookies travel encrypted only.
SECURED = env.VAGLIO_HTTPS.read() == "1"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = SECURED
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SECURED else None
SECURE_HSTS_SECONDS = 31_536_000 if SECURED else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = SECURED
SECURE_REDIRECT_EXEMPT = ["^healthz$", "^readyz$"]
SESSION_COOKIE_HTTPONLY = True
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "vaglio_server.web.not_done.of_another_sign_in"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English")]
IN_FORCE = env.in_force()  # for the page of settings
# The intake has a limit of its own, which answers 413.
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5_000  # the form of a model of many rules has some for each
APPEND_SLASH = False
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "lines": {
            "()": "pythonjsonlogger.json.JsonFormatter",
            "format": "%(asctime)s %(levelname)s %(name)s %(process)d %(message)s",
            "rename_fields": {"asctime": "at", "levelname": "level", "name": "logger"},
            # Django adds the request, with whatever address was asked for.
            "reserved_attrs": [*logging.LogRecord("", 0, "", 0, "", (), None).__dict__, "request", "server_time", "asctime", "message"],
        }
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "lines"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
    # What was asked for in vain is in addresses: names, mail addresses. Only errors of ours are written down.
    # The demo's mail server writes a line for each word of SMTP.
    "loggers": {"django.request": {"level": "ERROR"}, "django.security": {"level": "ERROR"}}
    | {name: {"level": "WARNING"} for name in ("interpret", "mail.log")},
}
