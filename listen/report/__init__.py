"""What is handed on: pages made of the numbers of `listen.insight` and of what the store holds."""
