variable "bucket" { type = string }
variable "region" { type = string }
variable "keep_deleted_days" { type = number }
