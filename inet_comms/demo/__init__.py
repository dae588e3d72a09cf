"""The demo school: invented people, taken through the real actions. It exists in demo mode only."""
