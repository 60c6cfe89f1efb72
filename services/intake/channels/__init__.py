"""What waits on the servers of others: mail boxes, boards, lists to import, messages to send. `fetchers` runs it."""
