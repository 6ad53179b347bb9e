"""What is printed or kept: tickets, receipts and credit notes as PDF."""
