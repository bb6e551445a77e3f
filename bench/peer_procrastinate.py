"""The same nothing, done by procrastinate; runs in the peers' own environment."""

import asyncio
import json
import os
import sys

import procrastinate

TOGETHER = 500
AT_ONCE = 16

app = procrastinate.App(
    connector=procrastinate.PsycopgConnector(
        conninfo=json.loads(os.environ["PEER"])["url"], max_size=AT_ONCE + 4
    )
)


@app.task(name="nothing")
async def nothing(account: str, no: int) -> None:
    """What the bridge's job does in the same bench."""


async def fill(jobs: int, accounts: int) -> None:
    await app.schema_manager.apply_schema_async()
    for owner in range(accounts):
        theirs = nothing.configure(lock=f"account {owner}")
        mine = [
            {"account": str(owner), "no": no} for no in range(owner, jobs, accounts)
        ]
        await theirs.batch_defer_async(*mine)


async def work() -> None:
    await app.run_worker_async(concurrency=AT_ONCE, fetch_job_polling_interval=0.02)


async def main() -> None:
    async with app.open_async():
        if sys.argv[1] == "fill":
            await fill(int(sys.argv[2]), int(sys.argv[3]))
        else:
            await work()


asyncio.run(main())
