# One image for every service of compose.yaml.
FROM python:3.13-slim
WORKDIR /opt/switchhook
COPY requirements.lock requirements-build.lock pyproject.toml README.md LICENSE ./
COPY bridge bridge
COPY provisioning provisioning
RUN pip install --no-cache-dir --require-hashes -r requirements.lock -r requirements-build.lock \
 && pip install --no-cache-dir --no-deps --no-build-isolation .
USER nobody
