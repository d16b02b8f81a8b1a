# One image for every part: Airflow's, the sandbox's, and the step that prepares the databases.

FROM python:3.11-slim AS environment
WORKDIR /opt/xinyong
COPY pyproject.toml requirements.lock ./
# uv is taken from the lock by its hash; it installs what the project needs to run, in the locked versions, and leaves
# the tools of its developers out.
RUN python3 -m venv .venv \
    && sed -n '/^uv==/,/[^\\]$/p' requirements.lock > uv.lock \
    && .venv/bin/python -m pip install --no-cache-dir --no-deps --require-hashes --requirement uv.lock \
    && .venv/bin/uv pip install --no-cache --python .venv/bin/python --compile-bytecode \
        --constraints requirements.lock --requirements pyproject.toml hatchling editables
COPY plugins plugins
COPY sandbox sandbox
RUN .venv/bin/uv pip install --no-cache --python .venv/bin/python --no-deps --no-build-isolation --editable . \
    && .venv/bin/uv pip uninstall --python .venv/bin/python uv pip hatchling editables

FROM python:3.11-slim
RUN useradd --uid 50000 --create-home --shell /usr/sbin/nologin xinyong
WORKDIR /opt/xinyong
COPY --from=environment /opt/xinyong/.venv .venv
COPY . .
# A new volume takes over the owner of the folder that it is mounted on.
RUN mkdir var && chown xinyong: var
ENV PATH=/opt/xinyong/.venv/bin:$PATH PYTHONUNBUFFERED=1
USER xinyong
CMD ["xinyong", "--help"]
