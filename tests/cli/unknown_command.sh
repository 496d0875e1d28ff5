"$CLICKMILL" trian
