"""Changes kept on branches until they are reviewed: what they bring, what stands in their way, who approves."""
