FROM python:3.12-slim

ENV PIP_NO_CACHE_DIR=1 PYTHONUNBUFFERED=1 PYTHONUTF8=1 ECOMKAFKA_HOME=/data

RUN useradd --create-home --uid 1000 shop \
 && install --directory --owner shop --group shop /data /app /app/notebooks
WORKDIR /app

# Before the code, so that a change of the code doesn't install everything again.
COPY requirements.txt ./
RUN pip install --requirement requirements.txt

COPY pyproject.toml README.md LICENSE ./
COPY ecomkafka ecomkafka
COPY docs docs
COPY notebooks notebooks
RUN pip install --no-deps .

USER shop
VOLUME /data
ENTRYPOINT ["ecomkafka"]
CMD ["help"]
