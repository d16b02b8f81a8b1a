-- Forget the bucket hashes of a platform and night before they are written anew.
--
-- Grain: one platform and date. Repeatable: yes. Parameters: :platform, :business_date

DELETE FROM publication.bucket_hash
WHERE platform = :platform AND business_date = :business_date
