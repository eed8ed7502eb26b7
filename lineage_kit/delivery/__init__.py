"""Getting events there: when, in which order, how often to try, what to do when the process ends or forks.

A delivery belongs to one destination: `BackgroundDelivery` lets a thread do the waiting, `DirectDelivery` sends before
submit returns, `Fanout` is several of them. All answer to `Delivery`.
"""

from lineage_kit.delivery.background import BackgroundDelivery
from lineage_kit.delivery.base import Delivery, Status
from lineage_kit.delivery.direct import DirectDelivery
from lineage_kit.delivery.fanout import Fanout
from lineage_kit.delivery.retry import RetryPolicy

__all__ = ["BackgroundDelivery", "Delivery", "DirectDelivery", "Fanout", "RetryPolicy", "Status"]
