FROM python:3.11-slim-bookworm

# libfribidi0: text shaping of cards and names in Pillow.
RUN apt-get update && apt-get install -y --no-install-recommends libfribidi0 && rm -rf /var/lib/apt/lists/* \
    && useradd --system --home-dir /app --shell /usr/sbin/nologin inet \
    && mkdir -p /app /data /static && chown inet /data /static
WORKDIR /app
COPY requirements.txt .
RUN pip install --no-cache-dir --require-hashes -r requirements.txt
COPY . .
ENV DATA_DIR=/data STATIC_ROOT=/static PYTHONUNBUFFERED=1
RUN SECRET_KEY=build DATA_DIR=/tmp/build python manage.py collectstatic --noinput --verbosity 0 && rm -rf /tmp/build
USER inet
EXPOSE 8000
CMD ["python", "-m", "gunicorn", "inet_comms.wsgi", "--bind", "0.0.0.0:8000", "--worker-class", "gthread", "--threads", "8", "--timeout", "60"]
