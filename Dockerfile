# The image of a release: `docker build -t listwright .`; docs/operating.md tells how it is run.

FROM python:3.13-slim AS build
WORKDIR /source
RUN python -m venv /opt/listwright
COPY requirements/extras.txt requirements/
RUN /opt/listwright/bin/pip install --no-cache-dir --require-hashes -r requirements/extras.txt
COPY . .
RUN python -m pip wheel --no-cache-dir --no-deps --wheel-dir /wheels . \
    && /opt/listwright/bin/pip install --no-cache-dir --no-deps /wheels/*.whl

FROM python:3.13-slim
# Lists can be kept in step with Git repositories.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends git openssh-client \
    && rm -rf /var/lib/apt/lists/*
COPY --from=build /opt/listwright /opt/listwright
ENV PATH=/opt/listwright/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    LISTWRIGHT_HOME=/data \
    STATIC_ROOT=/opt/listwright/static
# Static files are the image's own, so that the root may be read-only; the key signs nothing here.
RUN SECRET_KEY=for-collectstatic-alone-and-nowhere-else-0123456789 ALLOWED_HOSTS=localhost \
    listwright collectstatic --noinput --verbosity 0 \
    && useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin listwright \
    && install -d -o listwright -g listwright /data /data/var
USER 10001
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/readyz', timeout=4)"]
ENTRYPOINT ["listwright"]
CMD ["run", "--bind", "0.0.0.0:8000"]
