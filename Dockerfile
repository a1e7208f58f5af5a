# Two stages: the first has a compiler (durable-rules is C) and the locked build tools, the second has neither.
FROM python:3.12-slim-bookworm AS build

ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
# The compiler does not reach the image that ships, so it may be whichever version Debian has today.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends gcc libc6-dev \
    && rm -rf /var/lib/apt/lists/*

WORKDIR /source
COPY requirements/build.txt requirements/run.txt requirements/
RUN python -m venv /opt/build \
    && /opt/build/bin/pip install --require-hashes --requirement requirements/build.txt \
    && /opt/build/bin/pip wheel --no-build-isolation --require-hashes --requirement requirements/run.txt --wheel-dir /wheels

COPY pyproject.toml hatch_build.py README.md LICENSE ./
COPY frontend frontend
COPY decision_tables decision_tables
COPY service service
COPY admin admin
# Byte code is compiled here, for the root file system of the running container may be read-only.
RUN /opt/build/bin/pip wheel --no-build-isolation --no-deps --wheel-dir /wheels . \
    && python -m venv --without-pip /opt/decidable \
    && /opt/build/bin/pip --python /opt/decidable/bin/python install --no-index --no-deps --compile /wheels/*.whl


FROM python:3.12-slim-bookworm

RUN groupadd --system --gid 10001 decidable \
    && useradd --system --uid 10001 --gid decidable --home-dir /data --no-create-home decidable \
    && install --directory --owner=decidable --group=decidable --mode=0750 /data
COPY --from=build /opt/decidable /opt/decidable

ENV PATH=/opt/decidable/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    DECIDABLE_HOST=0.0.0.0 \
    DECIDABLE_PORT=8000 \
    DECIDABLE_DATABASE_URL=sqlite:////data/decidable.db

# All that is ever written is the database: docker run --read-only --tmpfs /tmp --volume decidable:/data …
USER 10001:10001
WORKDIR /data
VOLUME /data
EXPOSE 8000

HEALTHCHECK --interval=15s --timeout=3s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as web; web.urlopen(f'http://127.0.0.1:{os.environ[\"DECIDABLE_PORT\"]}/healthz', timeout=2)"]

ENTRYPOINT ["decidable"]
CMD ["serve"]
