"""From an alert's notice to the people and machines that are told: letters, targets, and the sender that delivers."""
