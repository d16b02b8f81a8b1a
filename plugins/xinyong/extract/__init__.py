"""Extract: open what a business system delivers for a business date, as a stream of rows."""

from __future__ import annotations

from datetime import date

from xinyong.catalogue.feeds import CsvSource, DatabaseSource, ExcelSource, Feed
from xinyong.extract import csv, database, excel, rest
from xinyong.extract.delivery import Delivery

__all__ = ["Delivery", "deliver"]


def deliver(feed: Feed, business_date: date) -> Delivery:
    """Open the feed's source; raises `SourceError` before the first row or while rows are read."""
    match feed.source:
        case DatabaseSource() as source:
            return database.read(feed, source)
        case ExcelSource() as source:
            return excel.read(feed, source, business_date)
        case CsvSource() as source:
            return csv.read(feed, source, business_date)
        case source:
            return rest.read(feed, source)
