"""The only settings module; what differs between installations comes from the environment.

``.env.example`` names every variable. Without DEBUG nothing has an unsafe default: what is
missing stops the start with a sentence that names it.
"""

import os
from pathlib import Path

from django.utils.csp import CSP
from django.utils.translation import gettext_lazy as _
from dotenv import load_dotenv

from config import environment, telemetry

BASE_DIR = Path(__file__).resolve().parent.parent
# Templates, static files, translations: beside the packages in a checkout, in config/ in a wheel.
RESOURCES = BASE_DIR / "config" / "resources"
IS_INSTALLED = RESOURCES.is_dir()
if not IS_INSTALLED:
    RESOURCES = BASE_DIR
# Where the site's own files are: var/ and .env. Never where the program is installed.
HOME_DIR = Path(environment.text("LISTWRIGHT_HOME") or (Path.cwd() if IS_INSTALLED else BASE_DIR))
VAR_DIR = HOME_DIR / "var"

# The environment wins over the file. Tests point ENV_FILE at nothing, so that a developer's
# own .env cannot change what they find.
load_dotenv(os.environ.get("ENV_FILE", HOME_DIR / ".env"))

DEBUG = environment.flag("DEBUG", default=False)

if DEBUG:
    SECRET_KEY = environment.text("SECRET_KEY") or environment.development_secret(
        VAR_DIR / "secret_key"
    )
    ALLOWED_HOSTS = environment.words("ALLOWED_HOSTS") or ["localhost", "127.0.0.1", "[::1]"]
else:
    SECRET_KEY = environment.required_text(
        "SECRET_KEY",
        "give it a long random text that stays the same, for example the output of "
        "python3 -c 'import secrets; print(secrets.token_urlsafe(48))'.",
    )
    environment.required_text(
        "ALLOWED_HOSTS",
        "list the host names of this site with commas between, for example lists.example.org.",
    )
    ALLOWED_HOSTS = environment.words("ALLOWED_HOSTS")

# Applications

INSTALLED_APPS = [
    "config.administration.AdministrationConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "corsheaders",
    "django_filters",
    "django_htmx",
    "django_tasks_db",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "rest_framework",
    "taggit",
    "background",
    "accounts",
    "catalog",
    "submissions",
    "operating",
    "remotes",
]

MIDDLEWARE = [
    "config.middleware.RequestLogMiddleware",
    # Probes ask by address and over plain HTTP, and must not fail with what stands below.
    "config.health.ProbeMiddleware",
    "config.middleware.HeadersMiddleware",
    # Before anything makes an address.
    "config.middleware.RootOnlyMiddleware",
    "django.middleware.security.SecurityMiddleware",
    # Static files are answered here, before sessions and languages are looked at.
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    # Above whatever answers an address of the API, and below what never does.
    "corsheaders.middleware.CorsMiddleware",
    # So are pages that somebody got before and that have not changed since.
    "catalog.pages.page_cache.PageCache",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "config.middleware.NotFoundMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.sign_in.StaffMfaMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [RESOURCES / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                # Gives the admin's own inline script and style their nonce.
                "django.template.context_processors.csp",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "config.views.site_context",
            ],
        },
    },
]

# Database, cache, mail

DATABASES = {
    "default": environment.database(
        "DATABASE_URL", default="sqlite:///var/listwright.sqlite3", base_dir=HOME_DIR
    ),
}
# What strangers read may come from a replica; see config/replica.py.
DATABASES |= environment.replica("DATABASE_REPLICA_URL", primary=DATABASES["default"])
if "replica" in DATABASES:
    MIDDLEWARE.insert(
        MIDDLEWARE.index("catalog.pages.page_cache.PageCache"), "config.replica.ReplicaMiddleware"
    )

# Each kind of thing has a cache and a bound of its own, so that no kind crowds out another.
CACHES = {
    # In the database: allauth counts attempts to sign in in the default cache, and in no other.
    "default": {"BACKEND": "accounts.limits.StoredCache"},
    **environment.caches(
        "CACHE_URL",
        default="locmem://",
        most={
            # Whole public pages; in memory as many as fit.
            "pages": 10_000,
            # What a look over a whole list found.
            "findings": 100,
            # How often networks and people read from the API.
            "reads": 1000,
        },
        most_bytes={"pages": 16 * 1024 * 1024},
    ),
}

MAILERS = {
    "default": environment.mailer(
        "EMAIL_URL", default="console://" if DEBUG else "smtp://localhost:25"
    ),
}
DEFAULT_FROM_EMAIL = environment.text("DEFAULT_FROM_EMAIL", "listwright@localhost")

# What is done beside the requests, by manage.py run_worker: the queue is in the database, so what
# a transaction puts in it is there exactly when the transaction is.

TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["default"]}}
# Times of the day are UTC; see background/worker.py.
PERIODIC_TASKS = {
    "operating.backup.back_up_site": "02:10",
    "background.queue.forget_finished": "03:10",
    "background.queue.clear_sessions": "03:20",
    "submissions.workflow.expire_silent": "1h",
    "submissions.protection.forget_networks": "03:30",
    "submissions.verbs.transitions.forget_retries": "03:40",
    "submissions.workflow.remind_silent": "1h",
    "submissions.mail.send_digests": "06:00",
    "remotes.tasks.look_at_due": "1m",
    "remotes.tasks.forget_deliveries": "03:50",
}

# Whether what a proposed link answers is asked, by the worker; see submissions/checks/links.py.
ASK_LINKS = environment.flag("ASK_LINKS", default=not DEBUG)

# Repositories of lists

# What encrypts their tokens and keys: the first one encrypts, all decrypt. Kept apart from backups.
CREDENTIAL_KEYS = environment.words("CREDENTIAL_KEYS")
ALLOW_PRIVATE_REMOTES = environment.flag("ALLOW_PRIVATE_REMOTES", default=False)
# A cache that can be deleted at any time, and that every node has for itself.
REMOTES_FOLDER = environment.text("REMOTES_FOLDER") or str(VAR_DIR / "remotes")

# People

AUTH_USER_MODEL = "accounts.User"
# It knows user names and addresses; Django's own beside it would only check passwords twice.
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = LOGOUT_REDIRECT_URL = "catalog:catalog-list"
REQUIRE_STAFF_MFA = environment.flag("REQUIRE_STAFF_MFA", default=not DEBUG)

ACCOUNT_ADAPTER = "accounts.sign_in.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email", "username"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_FORMS = {
    "add_email": "accounts.forms.AddEmailForm",
    "change_password": "accounts.forms.ChangePasswordForm",
    "login": "accounts.forms.LoginForm",
    "reset_password": "accounts.forms.ResetPasswordForm",
    "reset_password_from_key": "accounts.forms.ResetPasswordKeyForm",
    "set_password": "accounts.forms.SetPasswordForm",
    "signup": "accounts.forms.SignupForm",
}
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION = True
ACCOUNT_MAX_EMAIL_ADDRESSES = 5
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_USERNAME_BLACKLIST = ["admin", "administrator", "moderator", "root"]
# Addresses that the proxies in front wrote into X-Forwarded-For; what limits by network believes
# no more of it than that.
ALLAUTH_TRUSTED_PROXY_COUNT = environment.integer("TRUSTED_PROXIES", default=0)

MFA_ADAPTER = "accounts.sign_in.MfaAdapter"
MFA_SUPPORTED_TYPES = ["recovery_codes", "totp", "webauthn"]
# Nobody is signed in without a confirmed address, so another one that is not confirmed yet is no
# reason to keep anybody from a second factor.
MFA_ALLOW_UNVERIFIED_EMAIL = True
# A clock may be half a minute slow.
MFA_TOTP_TOLERANCE = 1
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = DEBUG

SOCIALACCOUNT_ADAPTER = "accounts.sign_in.SocialAccountAdapter"
SOCIALACCOUNT_PROVIDERS = environment.github("GITHUB_CLIENT_ID", "GITHUB_CLIENT_SECRET")
# A provider without a key would be a button that fails.
INSTALLED_APPS += [f"allauth.socialaccount.providers.{name}" for name in SOCIALACCOUNT_PROVIDERS]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{validator}"}
    for validator in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]

# The API

# How often one may read in a minute, by a network and by an account; 0 is as often as one likes.
API_READS_ANONYMOUS = environment.integer("API_READS_ANONYMOUS", default=12_000)
API_READS_SIGNED_IN = environment.integer("API_READS_SIGNED_IN", default=24_000)

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        # The first one names the scheme in WWW-Authenticate.
        "accounts.api.BearerAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_THROTTLE_CLASSES": ["accounts.api.ScopeThrottle"],
    # What is published is for everybody; views that write say what they need.
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.AllowAny"],
    "DEFAULT_RENDERER_CLASSES": [
        "api.formats.JsonRenderer",
        "api.formats.BrowsableRenderer",
    ],
    "DEFAULT_PARSER_CLASSES": ["api.formats.JsonParser"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "api.formats.Negotiation",
    "DEFAULT_PAGINATION_CLASS": "api.pagination.PageNumbers",
    "DEFAULT_SCHEMA_CLASS": "config.schema.OperationSchema",
    "EXCEPTION_HANDLER": "config.errors.exception_handler",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
    "TEST_REQUEST_RENDERER_CLASSES": ["api.formats.JsonRenderer"],
}
# Pages elsewhere may read, as whoever shows a token or as nobody: cookies are not sent along.
CORS_URLS_REGEX = r"/api/"
CORS_ALLOW_ALL_ORIGINS = True
CORS_ALLOW_METHODS = ["GET", "HEAD", "OPTIONS"]
CORS_ALLOW_HEADERS = ["authorization", "if-modified-since", "if-none-match"]
CORS_EXPOSE_HEADERS = [
    "Content-Disposition",
    "ETag",
    "Last-Modified",
    "Link",
    "Retry-After",
    "X-Request-ID",
]

# What the schema says of the whole; views describe their operations, see config/schema.py.
SPECTACULAR_SETTINGS = {
    "TITLE": "Listwright",
    "VERSION": "1.0.0",
    "OAS_VERSION": "3.1.1",
    "DESCRIPTION": (
        "Everything the site knows, and everything that contributors and moderators can do.\n\n"
        "The version is in the address. Within it only what breaks no client is added: operations, "
        "optional parameters, keys of answers, codes of errors. What will go is announced by the "
        "headers `Deprecation` (RFC 9745) and `Sunset` (RFC 8594), at least a year ahead."
    ),
    "SERVERS": [{"url": "/"}],
    "TAGS": [
        {
            "name": "Lists",
            "description": "The lists, their sections, tags, changes and text.",
        },
        {"name": "Entries", "description": "What the lists hold: found, filtered, one by one."},
        {
            "name": "Contributing",
            "description": "Proposing, and what becomes of it.",
        },
        {"name": "Moderating", "description": "Deciding about what was proposed."},
        {"name": "About", "description": "The API itself."},
    ],
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "ENUM_NAME_OVERRIDES": {
        "RevisionVerb": "catalog.models.Revision.Verb",
        "SubmissionKind": "submissions.choices.Kind.values",
        "SubmissionStatus": "submissions.choices.Status.values",
        "SubmissionVerb": "submissions.choices.Verb.values",
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "config.schema.add_problems",
        "config.schema.add_links",
    ],
}

# Language and time

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("zh-hans", _("Simplified Chinese"))]
LOCALE_PATHS = [RESOURCES / "locale"]
TIME_ZONE = "UTC"

# Static files: hashed and compressed by collectstatic; straight from their folders under DEBUG.
# Pages are left to the proxy in front to compress: gzip costs more than most of them.

# With its slash, or Django would put before it what the first request says is mounted above.
STATIC_URL = "/static/"
STATIC_ROOT = Path(environment.text("STATIC_ROOT") or VAR_DIR / "static")
STATICFILES_DIRS = [RESOURCES / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": (
            "django.contrib.staticfiles.storage.StaticFilesStorage"
            if DEBUG
            else "whitenoise.storage.CompressedManifestStaticFilesStorage"
        )
    },
}
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = DEBUG

# Security

HTTPS = environment.flag("HTTPS", default=not DEBUG)
SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = environment.integer("HSTS_SECONDS", default=2_592_000) if HTTPS else 0
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
# The site speaks for its own host only: its parent domain's other hosts, and browsers' built-in
# lists, are for the domain's owner to decide.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
X_FRAME_OPTIONS = "DENY"
# A contributor's form comes back with all that was typed and a new token.
CSRF_FAILURE_VIEW = "submissions.views.flow.csrf_failure"
SECURE_CSP: dict[str, list[str]] = {
    "default-src": [CSP.SELF],
    "script-src": [CSP.SELF, CSP.NONCE],
    "style-src": [CSP.SELF, CSP.NONCE],
    "object-src": [CSP.NONE],
    "base-uri": [CSP.NONE],
    "form-action": [CSP.SELF],
    "frame-ancestors": [CSP.NONE],
}
# Where browsers report what the policy kept from a page.
if CSP_REPORT_URL := environment.text("CSP_REPORT_URL"):
    SECURE_CSP["report-uri"] = [CSP_REPORT_URL]
# Whom security.txt names.
SECURITY_CONTACT = environment.contact("SECURITY_CONTACT")

# What can be seen

LOGGING = telemetry.logging_of(
    form=environment.choice("LOG_FORMAT", ["plain", "json"]),
    level=environment.choice("LOG_LEVEL", ["INFO", "DEBUG", "WARNING", "ERROR"]),
)
ACCESS_LOG = environment.flag("ACCESS_LOG", default=not DEBUG)
# Whether /metrics is there, and the bearer token that it wants, if any.
METRICS = environment.flag("METRICS", default=False)
METRICS_TOKEN = environment.text("METRICS_TOKEN")
if METRICS:
    MIDDLEWARE.insert(1, "config.metrics.MetricsMiddleware")
SENTRY_DSN = environment.text_of_extra("SENTRY_DSN", "sentry", module="sentry_sdk")
OTEL_EXPORTER_OTLP_ENDPOINT = environment.text_of_extra(
    "OTEL_EXPORTER_OTLP_ENDPOINT", "otel", module="opentelemetry"
)

# Listwright

SITE_NAME = environment.text("SITE_NAME", "Listwright")
# Where links in mail lead that is written outside of requests.
SITE_URL = environment.site_url("SITE_URL", hosts=ALLOWED_HOSTS, https=HTTPS)
# Who answers to answers; without one, replies go to DEFAULT_FROM_EMAIL.
MODERATORS_EMAIL = environment.text("MODERATORS_EMAIL")
# Where the nightly backups of the site go, and how many of them stay; nowhere when empty.
BACKUP_FOLDER = environment.text("BACKUP_FOLDER")
BACKUP_COUNT = environment.integer("BACKUP_COUNT", default=14, minimum=1)
MAX_IMPORT_BYTES = environment.integer("MAX_IMPORT_BYTES", default=64 * 1024 * 1024, minimum=1)
