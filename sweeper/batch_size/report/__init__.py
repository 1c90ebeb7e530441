"""What a batch-size search found, as page and terminal tell it."""

from sweeper.batch_size.report._headline import batch_size_headline as batch_size_headline
from sweeper.batch_size.report._panel import SizeRow as SizeRow
from sweeper.batch_size.report._panel import size_rows as size_rows
from sweeper.batch_size.report._section import page_section as page_section
from sweeper.batch_size.report._words import limit_text as limit_text
from sweeper.batch_size.report._words import passed as passed
from sweeper.batch_size.report._words import peak_at as peak_at
from sweeper.batch_size.report._words import share_text as share_text
